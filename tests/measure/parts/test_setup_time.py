"""The set-up part makes an environment of its own, times it, removes it, and says what failed; none
of this needs a network.
"""

import tempfile
from pathlib import Path

import pytest

from hostlab import get
from hostlab.measure.parts import setup_time
from hostlab.measure.parts.setup_time import measure_setup
from hostlab.measure.steps import finish
from hostlab.measure.suite import PARTS


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that stands in for what in-process and separate-process need; temporary folders are
    made beside it.
    """
    file = tmp_path / "requirements.txt"
    monkeypatch.setattr(
        setup_time, "REQUIREMENTS", {"in-process": (str(file),), "separate-process": (str(file),)}
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return file


def test_it_is_timed_once_for_those_who_need_the_same_and_leaves_nothing(requirements: Path):
    requirements.write_text("# nothing more than Python\n")
    steps = list(measure_setup([get("in-process"), get("separate-process")]))
    one, two = steps[-1].result.rows
    assert one.error is None and one.setup_s.value > 0.1 and two.setup_s == one.setup_s
    assert any("separate-process" in step.sentence.text("en") for step in steps) is False, (
        "it was not measured again"
    )
    assert list(requirements.parent.iterdir()) == [requirements]


def test_a_failure_is_told_with_the_last_lines(requirements: Path):
    requirements.write_text("--no-index\nno-such-package-of-ours\n")
    (row,) = finish(measure_setup([get("in-process")])).rows
    assert (
        row.setup_s is None
        and "Is the network available?" in row.error
        and "no-such-package-of-ours" in row.error
    )
    assert list(requirements.parent.iterdir()) == [requirements]


def test_who_stops_in_the_middle_leaves_no_process_and_no_folder(requirements: Path):
    requirements.write_text("")
    steps = measure_setup([get("in-process")])
    next(steps)
    steps.close()
    assert list(requirements.parent.iterdir()) == [requirements]


def test_it_runs_only_when_named():
    assert [name for name, part in PARTS.items() if part.optional] == ["setup"]
