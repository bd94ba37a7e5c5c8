"""hostlab doctor: a verdict, a purpose, and how to get it, for each thing."""

import re
import subprocess

import pytest

from hostlab.doctor import checks, tools
from hostlab.doctor.report import report as print_report
from hostlab.doctor.verdicts import MISSING
from hostlab.terminal import PlainConsole


def test_every_line_has_a_verdict_and_every_method_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(PlainConsole())
    report = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert len(report) >= 20
    assert all(line.startswith(("[OK]", "[--]", "[FAIL]")) for line in report)
    assert any("separate-process" in line for line in report)


def test_missing_tools_are_reported_and_are_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    print_report(PlainConsole())
    report = capsys.readouterr().out
    assert (
        "docker is not installed" in report
        and "docs.docker.com" in report
        and "Everything else works" in report
    )
    assert "kubectl is not installed" in report


def test_an_engine_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(
        tools.subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess(
            [], 1, "", "Cannot connect to the Docker daemon"
        ),
    )
    check = tools.docker_engine()
    assert check.verdict == MISSING and "Cannot connect" in check.sentence


def test_missing_package_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(checks.PACKAGES, "no-such-package", "nothing")
    assert print_report(PlainConsole()) == 1
    assert re.search(r"\[FAIL\] +no-such-package", capsys.readouterr().out)


def test_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_listens", lambda port: True)
    monkeypatch.setattr(checks.platform, "system", lambda: "Darwin")
    assert "AirPlay" in checks.port(5000, "the API").sentence
    assert "7861" in checks.port(7860, "the demo").sentence
