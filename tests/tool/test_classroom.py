"""What teachers use: one line about a machine, a USB stick for machines without a network, and a
lab that opens in any case.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hostlab import bundle, lab
from hostlab.doctor import checks, classroom
from hostlab.doctor.verdicts import FAIL, MISSING, OK
from hostlab.errors import BadInput, StartFailed, Unavailable
from hostlab.registry import METHODS, get
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import silent
from hostlab.types import Status


def class_line(**environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "hostlab.cli", "doctor", "--class"]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.setenv("KUBECONFIG", os.devnull)


def test_one_line_says_which_lessons_work_without_docker_and_cluster(no_tools: None) -> None:
    done = class_line()
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    assert re.match(
        r"\[--\] \S+: Python 3\.\d+, \d+ cores, \d+ GB free, model "
        r"\| lessons 00-02, 05-07; 03 needs docker: .+; 04 needs kubernetes: .+",
        line,
    )
    assert line.isascii()  # a console of another country prints it too


def test_a_machine_that_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom.registry, "status", lambda method: Status(method, "stopped"))
    monkeypatch.setattr(checks, "missing_images", list)
    verdict, line = classroom.class_line()
    assert (verdict, line.partition(" | ")[2]) == (OK, "lessons 00-07")


def test_images_that_are_not_built_yet_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom.registry, "status", lambda method: Status(method, "stopped"))
    monkeypatch.setattr(checks, "missing_images", lambda: ["1.1"])
    verdict, line = classroom.class_line()
    assert verdict == MISSING and "lessons 00-07; images not built yet: `make lab`" in line


def test_a_machine_on_which_nothing_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checks.PACKAGES, "no-such-package", "nothing")
    verdict, line = classroom.class_line()
    assert verdict == FAIL and line.endswith("no-such-package: not installed | no lesson works")


def test_every_lesson_is_checked_and_requires_an_existing_method() -> None:
    assert set(classroom.LESSONS.values()) <= {None, *METHODS}
    there = {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there <= set(classroom.LESSONS)
    assert classroom._ranges(["00", "02", "03", "04", "06"]) == "00, 02-04, 06"


@pytest.mark.parametrize("error", [Unavailable("no engine"), StartFailed("no network", "the log")])
def test_the_lab_opens_even_where_images_cannot_be_built(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hostlab.methods.docker import images

    def cannot(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(lab, "get", lambda method: get("in-process"))
    monkeypatch.setattr(images, "missing", lambda: ["one"])
    monkeypatch.setattr(images, "provide", cannot)
    assert str(error) in lab.prepare(silent)


def test_the_lab_builds_nothing_without_an_engine(no_tools: None) -> None:
    assert lab.prepare(silent) is None


def test_the_project_is_copied_without_what_git_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "a project"
    for name in (
        "Makefile",
        ".git/config",
        ".env",
        "notebooks/a.ipynb",
        ".venv/pyvenv.cfg",
        "notebooks/.ipynb_checkpoints/a.ipynb",
        "bundle/Makefile",
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)
    shutil.copy(ROOT / ".gitignore", project)
    monkeypatch.setattr(bundle, "ROOT", project)
    bundle._copy_project(tmp_path)
    assert sorted(
        str(path.relative_to(tmp_path))
        for path in tmp_path.rglob("*")
        if path.is_file() and project not in path.parents
    ) == [
        ".gitignore",
        "Makefile",
        "notebooks/a.ipynb",
    ]


@pytest.mark.parametrize("folder", [ROOT, ROOT.parent, ROOT / "notebooks"])
def test_a_bundle_is_not_written_into_the_project(folder: Path) -> None:
    with pytest.raises(BadInput, match="Name another folder"):
        bundle.make(folder, silent)


def test_a_bundle_takes_torch_from_the_index_of_make_setup() -> None:
    assert f"TORCH_INDEX := {bundle.TORCH_INDEX}\n" in (ROOT / "Makefile").read_text(
        encoding="utf-8"
    )


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("is_default", [True, False], ids=["next to the Makefile", "named"])
def test_make_setup_uses_a_bundle_and_no_index(is_default: bool, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    stick = tmp_path if is_default else tmp_path / "my stick"
    (stick / "wheels").mkdir(parents=True)
    command = [
        "make",
        "--dry-run",
        "--always-make",
        "setup",
        *([] if is_default else [f"BUNDLE={stick}"]),
    ]
    plan = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    [install] = re.findall(r"pip install .*", plan)
    assert f"--no-index --find-links '{'.' if is_default else stick}/wheels' " in install
    assert "--constraint constraints.txt --editable" in install
    assert "index-url" not in plan and "docker load" in plan
    assert f"hostlab export --from '{'.' if is_default else stick}' ||" in plan, "it may fail"


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_rejects_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/pip").touch()
    done = subprocess.run(
        ["make", "setup", "BUNDLE=nowhere"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2 and "There is no folder 'wheels' in nowhere." in done.stdout


@pytest.mark.skipif(
    not os.environ.get("HOSTLAB_REQUIRE"), reason="downloads every package, 0.5 GB: CI does it"
)
def test_a_new_environment_can_be_set_up_from_a_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    assert f"Python {platform.python_version()} on " in bundle.fill_wheels(folder, silent)
    environment = tmp_path / "venv"
    uv = [sys.executable, "-m", "uv", "--offline", "--no-config"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    # With uv, because it takes a second for what pip takes a minute
    install = ["pip", "install", "--dry-run", "--python", str(environment)]
    install += ["--no-index", "--find-links", str(folder)]
    install += ["--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}[test]"]
    alone = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "PYTHON", "UV_"))
    }
    done = subprocess.run([*uv, *install], env=alone, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Would install \d+ packages", done.stderr)
    assert "hosting-lab @ " in done.stderr and "torch==" in done.stderr


@pytest.mark.parametrize("folder", ["/sys/stick", "a file"])
def test_a_stick_that_cannot_be_written_is_a_sentence(folder: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        bundle.make(tmp_path / folder, silent)
