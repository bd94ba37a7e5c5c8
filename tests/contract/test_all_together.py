"""All five at once, by the command line: they agree, and nothing is left when they are stopped."""

import json
import os
import subprocess
import sys

import pytest

from deployments import METHODS
from deployments.processes import ROOT
from deployments.registry import statuses

pytestmark = [pytest.mark.docker, pytest.mark.kubernetes]


def hostlab(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "deployments.cli", *arguments]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600)


def output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.split()


def test_five_methods_one_answer_and_nothing_left() -> None:
    if taken := [status.method for status in statuses() if status.state != "stopped"]:
        why = f"this test starts and stops all methods, and {', '.join(taken)} is in use on this machine"
        pytest.fail(why) if os.environ.get("HOSTLAB_REQUIRE") else pytest.skip(why)
    try:
        up = hostlab("up", "--all")
        assert up.returncode == 0, up.stderr
        assert [one["state"] for one in json.loads(hostlab("status", "--json").stdout)] == ["running"] * 5
        for text, label in (("An utterly charming film.", "POSITIVE"), ("I hated every minute.", "NEGATIVE")):
            answers = json.loads(hostlab("predict", text, "--json").stdout)
            assert [answer["method"] for answer in answers] == list(METHODS)
            assert {answer["label"] for answer in answers} == {label}
            scores = [answer["score"] for answer in answers]
            assert max(scores) - min(scores) <= 1e-4
            for answer in answers:
                parts = [part for part in answer["timing_ms"].values() if part is not None]
                assert sum(parts) == pytest.approx(answer["latency_ms"], abs=0.01)
    finally:
        down = hostlab("down", "--all")
    assert down.returncode == 0, down.stderr
    assert {status.state for status in statuses()} == {"stopped"}
    assert output("docker", "ps", "--all", "--quiet", "--filter", "label=hosting-lab.run-id") == []
    assert [name for name in output("docker", "network", "ls", "--format", "{{.Name}}") if name.startswith("hosting-lab")] == []
    assert "hosting-lab" not in output("kubectl", "get", "namespaces", "--no-headers", "--output", "custom-columns=:metadata.name")
