"""A lesson's first cell, and its cells on a machine that lacks the tool that they need."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from IPython.core.interactiveshell import InteractiveShell

from notebooks.lessons import environment
from notebooks.lessons.environment import needs, show_environment


@pytest.fixture(autouse=True)
def _own_variables() -> Iterator[None]:
    """Undo what a first cell sets for its whole process: for which hosts there is no proxy."""
    with patch.dict(os.environ):
        yield


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.ast_transformers.append(environment._SkipCell())
    shell.user_ns["needs"] = needs
    yield shell
    shell.history_manager.end_session()


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        environment,
        "_missing",
        {"docker": "There is no program `docker`. Install it.", "kubernetes": None}.get,
    )


def test_the_first_cell_names_what_is_missing_and_what_works_without_it(
    no_docker: None, capsys: pytest.CaptureFixture[str]
) -> None:
    show_environment("docker", "kubernetes")
    output = capsys.readouterr().out
    assert "[--]   Docker: not available here. There is no program `docker`. Install it." in output
    assert "Kubernetes" not in output
    assert "Without Docker, the cells that need it say so" in output.splitlines()[-1]


def test_a_lesson_that_needs_no_tool_names_none(
    no_docker: None, capsys: pytest.CaptureFixture[str]
) -> None:
    show_environment()
    assert "Docker" not in capsys.readouterr().out


def test_where_all_is_well_there_is_one_line(
    no_docker: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "running", list)
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    show_environment("kubernetes")
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("[OK]   You are ready") and "a Kubernetes cluster" in line
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    show_environment("kubernetes")
    missing, ready = capsys.readouterr().out.splitlines()
    assert missing.startswith("[--]   curl is missing") and ready == line


def test_a_cell_without_its_tool_says_so_and_does_nothing(
    no_docker: None, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell('needs("docker")\ndone = 1 / 0\n!echo done').raise_error()
    assert (
        capsys.readouterr().out
        == "[--]   This cell needs Docker, which is missing here. Read the cell and continue.\n"
    )
    assert "done" not in shell.user_ns


def test_a_cell_with_its_tool_runs_as_it_is(
    no_docker: None, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell('needs("kubernetes")\ndone = 6 * 7\ndone').raise_error()
    assert shell.user_ns["done"] == 42 and "[--]" not in capsys.readouterr().out
    assert isinstance(shell.run_cell('needs("kubernetes")\n1 / 0').error_in_exec, ZeroDivisionError)


def test_needs_in_a_later_line_skips_nothing(no_docker: None, shell: InteractiveShell) -> None:
    shell.run_cell('done = 42\nneeds("docker")').raise_error()
    assert shell.user_ns["done"] == 42
