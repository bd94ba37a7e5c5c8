"""The terminal shows strings as they are, in any encoding, and all of a table at any width."""

import io
import json
import sys

import pytest
from rich.console import Console
from rich.table import Table as RichTable

from hostlab.cli import console, start_and_predict
from hostlab.client import Timing
from hostlab.doctor import report as doctor_report
from hostlab.doctor.verdicts import OK, Check
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.measure.report.table import Table
from hostlab.measure.report.terminal import show
from hostlab.runtime.progress import Sentence, verbatim
from hostlab.terminal import PlainConsole, print_table, visible
from hostlab.types import Status

BRACKETS = "quiet [/spoiler] film, [red]never[/red] :smile: [link=http://x]"
REASON = "The cluster of the context 'kind-lab' does not answer (connection refused). Start it."
WIDTHS = [20, 40, 60, 70, 80, 100, 120, 200]


def printed(width: int, table: RichTable) -> str:
    out = PlainConsole()
    out.file, out.width = io.StringIO(), width
    print_table(table, out)
    return out.file.getvalue()


def predictions(text: str, methods: int = 2) -> RichTable:
    timing = Timing(1.0, 2.0, 3.0, 4.0)
    rows = [
        MeasuredPrediction(method, text, "POSITIVE", 0.9876, 10.0, timing)
        for method in ("in-process", "separate-process")[:methods]
    ]
    failed = MeasuredPrediction("kubernetes", text, error="No connection [/x]: start it")
    return start_and_predict._predictions_table([*rows, failed])


@pytest.mark.parametrize("width", WIDTHS)
def test_predictions_are_whole_at_any_width(width: int) -> None:
    output = printed(width, predictions("A quiet film."))
    for word in ("separate-process", "quiet", "film.", "POSITIVE", "0.9876", "10.0", "4.0"):
        assert output.count(word) >= (1 if word == "separate-process" else 2), word
    for word in ("kubernetes", "connection", "[/x]:", "start"):
        assert word in output, word


@pytest.mark.parametrize("width", WIDTHS)
def test_the_reason_of_a_state_is_shown_at_any_width(width: int) -> None:
    found = [
        Status("in-process", "running", "http://127.0.0.1:20001", 0.0, "run", "onnx"),
        Status("kubernetes", "unavailable", reason=REASON),
    ]
    output = printed(width, start_and_predict._status_table(found))
    known = ("in-process", "running", "http://127.0.0.1:20001", "onnx", "unavailable")
    assert [word for word in (*known, *REASON.split()) if word not in output] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_of_a_measurement_are_whole_at_any_width(width: int) -> None:
    columns = ["method", *(f"figure {number}" for number in range(9))]
    row = ["separate-process", *(f"1,23{number} [1,200–1,300]" for number in range(9))]
    out = PlainConsole()
    out.file, out.width = io.StringIO(), width
    show([Table("Throughput [x]", columns, [row], ["A note [y]."])], out)
    output = out.file.getvalue()
    assert [word for cell in row for word in cell.split() if word not in output] == []
    assert "Throughput" in output and "[x]" in output and "[y]." in output


def test_brackets_are_no_markup() -> None:
    output = printed(200, predictions(BRACKETS))
    assert BRACKETS in output and "No connection [/x]: start it" in output


@pytest.mark.parametrize(
    "show_it",
    [
        lambda text: console.print_error(text),
        lambda text: console.out.print(text, soft_wrap=True),
        lambda text: console.err.print(text, style="red", soft_wrap=True),
    ],
    ids=["an error", "a sentence", "a note"],
)
def test_sentences_have_no_markup(show_it, capsys: pytest.CaptureFixture[str]) -> None:
    show_it(BRACKETS)
    captured = capsys.readouterr()
    assert BRACKETS in captured.out + captured.err


def test_the_doctor_shows_brackets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_report, "checks", lambda: iter([Check(OK, "model", BRACKETS)]))
    doctor_report.report(PlainConsole())
    assert BRACKETS in capsys.readouterr().out


def test_progress_has_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=200)
    monkeypatch.setattr(console, "err", terminal)
    with console.progress_of("docker") as progress:
        progress(verbatim(BRACKETS))
    assert terminal.file.getvalue()  # a closing tag without an opening one is an error of rich


def test_progress_in_a_terminal_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_LANGUAGE", "ru")  # for the lessons
    terminal = Console(file=io.StringIO(), force_terminal=True, width=200)
    monkeypatch.setattr(console, "err", terminal)
    with console.progress_of("docker") as progress:
        progress(Sentence("command.scaling", replicas=3))
    assert "docker: Scaling to 3." in terminal.file.getvalue()


def test_control_characters_are_escaped() -> None:
    assert visible("a\x1b[2Jb\x07\x9b\r\tc\nd") == "a\\x1b[2Jb\\x07\\x9b\\r\tc\nd"
    assert "\x1b" not in printed(200, predictions("a\x1b[2Jb"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_any_character_can_be_printed(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding=encoding))
    console.accept_any_character()
    print_table(predictions("Тихий фильм \U0001f3ac \udcff"), PlainConsole())
    print("Тихий фильм")
    sys.stdout.flush()
    output = stream.getvalue().decode(encoding)
    assert "POSITIVE" in output and ("фильм" in output) == (encoding == "utf-8")


def test_json_is_the_same_in_every_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="cp1252"))
    data = [{"text": "Тихий фильм \U0001f3ac é"}]
    console.print_json(data)
    sys.stdout.flush()
    assert json.loads(stream.getvalue().decode("ascii")) == data
