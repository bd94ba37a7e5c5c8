"""Every lesson has no outputs and the agreed shape, and is made from its solved version."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median

import nbformat
import pytest
from jupyter_client import KernelManager

from hostlab import METHODS, get
from hostlab.runtime.language import language_of
from notebooks.conftest import _left_running, left_behind, resources
from notebooks.make_student import student_version
from tests import needs
from tests.notebooks.lesson_files import (
    ALL,
    ALL_RU,
    NOTEBOOKS,
    SOLVED,
    SOLVED_RU,
    code_of,
    name,
    read,
    text_of,
)


def test_every_lesson_has_a_solved_version_and_the_other_way_round() -> None:
    assert SOLVED
    assert [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == [
        path.name for path in SOLVED
    ]


@pytest.mark.parametrize("path", [*ALL, *ALL_RU], ids=name)
def test_a_notebook_carries_no_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs"), cell["source"]
        assert cell.get("execution_count") is None, cell["source"]


@pytest.mark.parametrize("path", [*SOLVED, *SOLVED_RU], ids=name)
def test_the_student_version_is_the_one_made_from_the_solved_one(path: Path) -> None:
    student = (path.parents[1] / path.name).read_text(encoding="utf-8")
    made = student_version(read(path), language_of(path))
    assert student == nbformat.writes(made) + "\n", "Run `make notebooks`."


@pytest.mark.parametrize("path", [*SOLVED, *SOLVED_RU], ids=name)
def test_no_solution_is_left_in_the_student_version(path: Path) -> None:
    student = "\n".join(cell.source for cell in read(path.parents[1] / path.name).cells)
    solutions = [
        cell.source for cell in read(path).cells if "solution" in cell.metadata.get("tags", [])
    ]
    secret = [
        part.partition("\n")[2].partition("# END")[0].strip()
        for source in solutions
        for part in source.split("# SOLUTION")[1:]
    ]
    assert len(secret) >= 3
    assert all(one and one not in student for one in secret)
    assert "# SOLUTION" not in student and "Solution, explained" not in student


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_lesson_opens_and_closes_as_agreed(path: Path) -> None:
    notebook = read(path)
    opening, text = notebook.cells[0].source, text_of(notebook)
    for part in (
        "**For whom**",
        "**Prerequisites**",
        "**Afterwards you can**",
        "**Time**",
        "minute",
    ):
        assert part in opening, part
    assert "show_environment(" in code_of(notebook)[0]
    order = [
        "## Check your environment",
        "Guess first",
        "## When ",
        "## Summary",
        "## Exercises",
        "## Quiz",
        "## Stop everything",
    ]
    places = [text.find(heading) for heading in order]
    assert -1 not in places, dict(zip(order, places, strict=True))
    assert places == sorted(places)
    # A picture of what the lesson is about
    assert "```mermaid" in text or "request_ways." in "\n".join(code_of(notebook))


@pytest.mark.parametrize("path", ALL, ids=name)
def test_exercises_and_quiz_are_three_to_five_and_all_are_answered(path: Path) -> None:
    notebook = read(path)
    text = text_of(notebook)
    quiz = text[text.index("## Quiz") : text.index("## Stop everything")]
    questions, answers = quiz.count("\n**"), quiz.count("<details><summary>Answer</summary>")
    assert 3 <= questions <= 5 and questions == answers == quiz.count("</details>")
    exercises = text.count("### Exercise ")
    checks = [
        source for source in code_of(notebook) if source.splitlines()[-1].startswith("check_")
    ]
    assert 3 <= exercises <= 5 and exercises == len(checks)


@pytest.mark.parametrize("path", ALL, ids=name)
def test_code_cells_are_short_and_seldom_two_in_a_row(path: Path) -> None:
    notebook = read(path)
    lengths = [len(source.splitlines()) for source in code_of(notebook)]
    assert median(lengths) <= 7
    kinds = [cell.cell_type for cell in notebook.cells]
    in_a_row = sum(kinds[index : index + 3] == ["code"] * 3 for index in range(len(kinds)))
    assert in_a_row == 0


@pytest.mark.parametrize("path", [*ALL, *ALL_RU], ids=name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    for cell in read(path).cells:
        assert "https://" not in cell.source and "src=" not in cell.source, cell.source


def test_a_wrongly_marked_solution_is_rejected() -> None:
    for source, tags in (
        ("x = 1\n# SOLUTION\nx = 2", ["solution"]),
        ("x = 1", ["solution"]),
        ("# SOLUTION\nx = 2\n# END", []),
    ):
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags})
        with pytest.raises(ValueError, match=r"SOLUTION|lacks the tag"):
            student_version(nbformat.v4.new_notebook(cells=[cell]))


def test_what_a_notebook_leaves_running_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebooks.conftest.GRACE_S", 0.5)
    with subprocess.Popen(
        [sys.executable, "-c", "input()"],
        stdin=subprocess.PIPE,
        env=os.environ | {"HOSTLAB_HOME": "left-by-a-notebook"},
    ) as process:
        seen = [one.pid for one in _left_running("left-by-a-notebook")]
        process.communicate(b"\n")
    assert seen == [process.pid]
    assert _left_running("left-by-a-notebook") == []


KILLED_IN_THE_MIDDLE = """
import os, signal
from hostlab import get
service = get("in-process").start()
print(service.components()[0].id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_nothing_stays_when_a_notebook_is_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_IN_THE_MIDDLE],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=NOTEBOOKS.parent,
    )
    assert killed.stdout.strip().isdigit(), killed.stderr
    monkeypatch.delenv("HOSTLAB_HOME")
    assert _left_running(str(tmp_path)) == []
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_nothing_stays_when_the_kernel_of_a_lesson_is_killed_while_every_method_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lesson 06 starts all available methods; then its kernel gets SIGKILL, as when the system is
    out of memory.
    """
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    before, cells = resources(needs.BOTH), code_of(read(NOTEBOOKS / "06_compare.ipynb"))
    kernel = KernelManager(kernel_name="python3")
    kernel.start_kernel(cwd=str(NOTEBOOKS))
    client = kernel.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        for source in cells[
            : 1 + next(number for number, source in enumerate(cells) if "start_all(" in source)
        ]:
            assert (
                client.execute_interactive(source, timeout=400, output_hook=lambda message: None)[
                    "content"
                ]["status"]
                == "ok"
            )
        available = {method for method in METHODS if get(method).status().state != "unavailable"}
        assert (
            {file.stem for file in tmp_path.glob("*.json")}
            == available
            >= {"in-process", "separate-process", "api"}
        )
        os.kill(kernel.provisioner.pid, signal.SIGKILL)
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    monkeypatch.delenv("HOSTLAB_HOME")
    assert left_behind(str(tmp_path), before, needs.BOTH) == []
