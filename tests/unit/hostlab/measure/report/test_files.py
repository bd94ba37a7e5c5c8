"""A folder that cannot be written is found out before the measurement, and no result is lost."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostlab import get
from hostlab.cli.measure_run import Output, run_parts
from hostlab.errors import BadInput, StartFailed
from hostlab.measure import suite
from hostlab.measure.parts.simplicity import measure_simplicity
from hostlab.measure.report import files
from hostlab.measure.steps import Step, finish
from hostlab.runtime.progress import verbatim

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /sys of Linux")
NOWHERE = Path("/sys/hosting-lab")  # where not even root can create a folder


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def report() -> suite.Report:
    made = suite.Report(effort="quick")
    made.results["simplicity"] = finish(measure_simplicity([get("in-process")]))
    return made


def run(folder: Path | None) -> None:
    run_parts(["simplicity"], ["in-process"], Output(None, False, False, folder))


@pytest.mark.parametrize("folder", ["/sys/hosting-lab", "a file", "a file/below"])
def test_a_folder_that_cannot_be_written_is_found_out_first(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: object) -> Iterator[Step[suite.Report]]:
        pytest.fail("It began to measure.")
        yield

    monkeypatch.setattr(suite, "measure", too_late)
    (tmp_path / "a file").write_text("")
    with pytest.raises(BadInput, match="--out"):
        run(tmp_path / folder)


def test_results_are_kept_where_the_folder_is_gone_by_now(
    report: suite.Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written = files.write(report.as_dict(), NOWHERE)
    assert [file.name for file in written] == ["report.json", "report.md", "report.html"]
    assert tmp_path in written[0].parents
    assert files.read(written[0])["results"]["simplicity"]


def test_results_are_shown_where_nothing_can_be_written(
    report: suite.Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(NOWHERE))
    monkeypatch.setattr(files, "require_writable", lambda folder: None)  # the disk filled up since
    monkeypatch.setattr(suite, "measure", lambda *_: iter_of(report))
    with pytest.raises(BadInput, match="can no longer be written"):
        run(NOWHERE)
    assert "in-process" in capsys.readouterr().out


@pytest.mark.parametrize("error", [StartFailed("The cluster is gone."), KeyError("odd")])
def test_what_was_measured_before_an_error_is_written(
    error: Exception, report: suite.Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "measure", lambda *_: iter_of(report, error))
    with pytest.raises(type(error)):
        run(tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["results"]["simplicity"]


def iter_of(report: suite.Report, error: Exception | None = None) -> Iterator[Step[suite.Report]]:
    yield Step(verbatim("Half of it is measured."), 0.5, report)
    if error:
        raise error
