"""constraints.txt, the exact versions, fits the ranges that the other files ask for."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deployments" / "docker"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PIN = "torch"  # it is in pyproject.toml alone
SYSTEMS = [
    {"sys_platform": system, "platform_system": name, "os_name": os_name, "platform_machine": cpu}
    for system, name, os_name, cpu in (
        ("linux", "Linux", "posix", "x86_64"),
        ("linux", "Linux", "posix", "aarch64"),
        ("darwin", "Darwin", "posix", "arm64"),
        ("win32", "Windows", "nt", "AMD64"),
    )
]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ENVIRONMENTS = [
    default_environment()
    | system
    | {"python_version": python, "python_full_version": f"{python}.7", "extra": ""}
    for system in SYSTEMS
    for python in PYTHONS
]


def parse(lines: list[str]) -> list[Requirement]:
    """Return the requirements of a file in pip's format, without its comments and options."""
    bare = (line.partition(" #")[0].strip() for line in lines)
    return [Requirement(line) for line in bare if line and not line.startswith(("#", "-"))]


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


LOCKED = parse(lines_of(ROOT / "constraints.txt"))


def locked(name: str, environment: dict[str, str]) -> list[str]:
    """Return the versions of a package that apply in an environment."""
    return [
        one.specifier
        for one in LOCKED
        if canonicalize_name(one.name) == name
        and (one.marker is None or one.marker.evaluate(environment))
    ]


def asked() -> dict[str, list[Requirement]]:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda_pip = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    found = {
        "pyproject.toml": parse(PROJECT["dependencies"] + extras),
        "environment.yml": parse(conda_pip),
    }
    return found | {path.name: parse(lines_of(path)) for path in DOCKER.glob("requirements-*.txt")}


@pytest.mark.parametrize(("file", "requirements"), asked().items(), ids=asked())
def test_each_package_has_one_version_on_each_system_and_python(
    file: str, requirements: list[Requirement]
) -> None:
    assert requirements
    for one in requirements:
        name = canonicalize_name(one.name)
        for environment in ENVIRONMENTS:
            if name == PIN or (one.marker and not one.marker.evaluate(environment)):
                continue
            found = locked(name, environment)
            where = f"{name} on {environment['sys_platform']}, {environment['python_version']}"
            assert len(found) == 1, f"{where}: {found}. Run `make lock`."
            version = re.fullmatch(r"==([^,]+)", str(found[0]))
            assert version and one.specifier.contains(version[1], prereleases=True), (
                f"{where}: {file} asks for {one.specifier}, constraints.txt has {found[0]}. "
                "Run `make lock`."
            )


def test_torch_is_pinned_in_one_place() -> None:
    assert PIN not in {canonicalize_name(one.name) for one in LOCKED}


def test_no_line_depends_on_the_machine_that_wrote_it() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text and "+cpu" not in text and "--" not in text


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("Makefile", r"pip install .*--editable.*"),
        ("README.md", r"pip install .*-e \S*\[test\]"),
        ("CONTRIBUTING.md", r"pip install .*-e \S*\[test\]"),
        ("hostlab/bundle.py", r"pip install .*-e \S*\[test\]"),
        ("deployments/docker/Dockerfile", r"pip install .*-r .*"),
    ],
)
def test_every_set_up_installs_by_it(path: str, command: str) -> None:
    commands = re.findall(command, (ROOT / path).read_text("utf-8"))
    assert commands
    for one in commands:
        assert "$(CONSTRAINT)" in one or "-c constraints.txt" in one, one
