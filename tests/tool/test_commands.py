"""A command that is run with progress: its result, its sentences, and its end when interrupted."""

import sys

import psutil
import pytest

from hostlab.runtime.commands import run, run_in_steps
from hostlab.runtime.progress import Sentence, verbatim


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_result_has_both_streams_and_the_exit_status() -> None:
    code = "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr); exit(3)"
    result = run(python(code), verbatim("Working"), lambda sentence: None)
    assert result.exit_status == 3
    assert result.output.split() == ["out", "err"] and result.tail(1) == "err"


def test_progress_names_the_work_and_the_seconds() -> None:
    sentences: list[Sentence] = []
    run(python("import time; time.sleep(1.2)"), verbatim("Working"), sentences.append)
    english = [one.text("en") for one in sentences]
    assert english[0] == "Working (0 s)" and english[-1] == "Working (1 s)"


def test_variables_are_added_to_the_environment() -> None:
    code = "import os; print(os.environ['A_VARIABLE'], 'PATH' in os.environ)"
    steps = run_in_steps(python(code), verbatim("Working"), {"A_VARIABLE": "set"})
    while True:
        try:
            next(steps)
        except StopIteration as end:
            assert end.value.output.split() == ["set", "True"]
            return


def test_an_interrupt_ends_the_program_and_its_children() -> None:
    before = set(psutil.Process().children(recursive=True))
    sleep = "import time; time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleep!r}])"

    def interrupt(sentence: Sentence) -> None:
        if "(2 s)" in sentence.text("en"):  # the child has started by now
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(python(code), verbatim("Working"), interrupt)
    assert set(psutil.Process().children(recursive=True)) <= before
