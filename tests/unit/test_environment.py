"""pip and conda set up the same environment, and it is the one that runs.

On Linux, it has the CPU build of torch.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
CONDA_PIP = next(entry["pip"] for entry in CONDA if isinstance(entry, dict))


def specifiers(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Map each package's normalized name to the required versions.

    A package that is named twice is an error.
    """
    parsed = [Requirement(requirement) for requirement in requirements]
    names = [canonicalize_name(requirement.name) for requirement in parsed]
    assert len(set(names)) == len(names), f"A package is named twice: {sorted(names)}"
    return {name: requirement.specifier for name, requirement in zip(names, parsed, strict=True)}


DECLARED = specifiers(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])


def test_conda_asks_for_what_pyproject_asks_for():
    assert specifiers([entry for entry in CONDA_PIP if not entry.startswith("--")]) == DECLARED


def test_conda_installs_the_project_and_reaches_the_cpu_builds():
    options = [entry for entry in CONDA_PIP if entry.startswith("--")]
    assert options == [
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "--constraint constraints.txt",
        "--editable .",
    ]


def test_conda_takes_the_oldest_python_that_the_project_allows():
    python = next(
        entry for entry in CONDA if isinstance(entry, str) and entry.startswith("python=")
    )
    assert python.replace("python=", ">=") in PROJECT["requires-python"].split(",")


@pytest.mark.parametrize(
    ("file", "entry"),
    [("pyproject.toml", r'^ +"[\w-]+[=>]=.*'), ("environment.yml", r"^ +- [\w-]+[=>]=.*")],
)
def test_every_package_says_why_it_is_there(file, entry):
    lines = re.findall(entry, (ROOT / file).read_text("utf-8"), re.MULTILINE)
    assert len(lines) >= len(DECLARED)
    assert [line for line in lines if "  # " not in line] == []


def test_what_is_installed_is_what_is_declared():
    wrong = []
    for name, wanted in DECLARED.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = None
        if found is None or not wanted.contains(found, prereleases=True):
            wrong.append(f"{name}{wanted}, found {found}")
    assert not wrong, f"Run `make setup`, or `pip install -e '.[test]'`: {'; '.join(wrong)}"


@pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="elsewhere the package index's torch is a CPU build",
)
@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_asks_for_the_cpu_build_by_the_pin_of_pyproject():
    plan = subprocess.run(
        ["make", "--dry-run", "--always-make", "setup"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    torch = DECLARED["torch"]
    assert re.fullmatch(r"==\d+\.\d+\.\d+", str(torch)), (
        "the CPU build is named by an exact version"
    )
    first, second = re.findall(r"pip install .*", plan)
    assert f"'torch{torch}+cpu'" in first and "--no-deps" in first
    assert "--constraint constraints.txt --editable '.[test]'" in second
    assert "extra-index" not in second


def test_the_line_to_type_without_make_names_the_same_torch():
    typed = re.findall(r"torch==[\w.+]+", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert typed and set(typed) == {f"torch{DECLARED['torch']}"}
