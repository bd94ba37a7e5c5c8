"""`hostlab measure … --progress-json`: standard error is JSON, one object a line."""

import json
from pathlib import Path

import pytest

from hostlab.runtime.progress import Sentence
from tests.programs import NO_TOOLS, hostlab


def measure(*arguments: str) -> tuple[int, list[dict]]:
    """Run a command, and return its exit status and the messages on standard error."""
    done = hostlab("measure", *arguments, "--progress-json", timeout_s=120, **NO_TOOLS)
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def test_progress_then_the_files(tmp_path: Path):
    status, messages = measure("difficulty", "in-process", "api", "--out", str(tmp_path))
    *steps, written = messages
    assert status == 0 and {frozenset(step) for step in steps} == {
        frozenset(("done", "left_s", "sentence", "data"))
    }
    shares = [step["done"] for step in steps]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert steps[0]["left_s"] is None and steps[-1]["left_s"] == 0.0, "unknown, and nothing"
    for step in steps:
        assert step["sentence"] and Sentence.from_data(step["data"]).text("en") == step["sentence"]
    names = ("report.json", "report.md", "report.html")
    assert written == {"written": [str(tmp_path / name) for name in names]}


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("latency", "no-such-method"), 2, "no-such-method"),
        (("load", "--users", "4", "--rate", "4"), 2, "Use either --users"),
        (("load", "--users", "4"), 1, "No method runs"),
        (("limit", "--p50-ms", "5", "--p99-ms", "9"), 2, "Use one of --p50-ms"),
        (("limit", "--p95-ms", "0"), 2, "1 to 10000 ms"),
        (("limit",), 1, "No method runs"),
    ],
    ids=[
        "unknown method",
        "wrong use",
        "nothing runs",
        "two bounds",
        "impossible bound",
        "nothing to limit",
    ],
)
def test_an_error_is_a_message(arguments: tuple[str, ...], status: int, sentence: str):
    exit_status, (message,) = measure(*arguments)
    assert exit_status == status and list(message) == ["error"] and sentence in message["error"]


def test_a_search_for_a_limit_reports_its_progress_and_why_a_method_has_none():
    status, messages = measure("limit", "in-process", "--p95-ms", "100")
    shares = [message["done"] for message in messages]
    assert status == 0 and shares == sorted(shares) and shares[-1] == 1.0


def test_a_load_reports_its_progress():
    status, messages = measure("load", "in-process", "--users", "1", "--seconds", "1")
    assert status == 0 and messages[-1]["done"] == 1.0
