"""The situation, and the sentence: what a person can do about it, and not something else."""

import hashlib
import json
import os
from pathlib import Path

import psutil
import pytest

from hostlab import get
from hostlab.doctor import tools as doctor_tools
from hostlab.doctor.verdicts import MISSING
from hostlab.errors import NotRunning, Unavailable
from hostlab.methods.docker import compose
from hostlab.methods.docker.address import elsewhere_reason
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import silent
from tests.unit.hostlab.methods.docker.conftest import Engine

OWN = next(
    one.address
    for several in psutil.net_if_addrs().values()
    for one in several
    if one.family.name == "AF_INET"
)
ELSEWHERE = ["ssh://me@192.0.2.1", "ssh://localhost", "tcp://192.0.2.1:2376", "192.0.2.1:2375"]
HERE = [
    "",
    "unix:///var/run/docker.sock",
    "npipe:////./pipe/docker_engine",
    "tcp://127.0.0.1:2375",
    "tcp://localhost:2375",
    "tcp://[::1]:2375",
    "127.0.0.1:2375",
    f"tcp://{OWN}:2375",
    "tcp://no-such-host.invalid:2375",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_engine_on_another_machine_is_refused_at_once(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", address)
    status = get("docker").status()
    assert status.state == "unavailable"
    assert "is on another machine" in str(status.reason) and "DOCKER_HOST" in str(status.reason)
    with pytest.raises(Unavailable, match="another machine"):
        get("docker").start()


@pytest.mark.parametrize("address", HERE)
def test_an_engine_of_this_machine_is_used(address: str) -> None:
    assert elsewhere_reason(address) is None


def test_a_context_may_lead_to_another_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "contexts/meta" / hashlib.sha256(b"remote").hexdigest()
    folder.mkdir(parents=True)
    endpoints = {"docker": {"Host": "ssh://me@192.0.2.1", "SkipTLSVerify": False}}
    meta = {"Name": "remote", "Metadata": {}, "Endpoints": endpoints}
    (folder / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "remote"}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST")
    reason = str(get("docker").status().reason)
    assert "ssh://me@192.0.2.1 is on another machine" in reason and "docker context use" in reason


def test_the_doctor_says_so_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 29.0\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2376")
    check = doctor_tools.docker_engine()
    assert check.verdict == MISSING and "another machine" in check.sentence


def test_a_buildkit_that_the_user_turned_off_is_turned_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\ntest "$DOCKER_BUILDKIT" = 1\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    compose.Project("x").run("build", doing="Building", progress=silent)
    assert "BUILDKIT" in (ROOT / "hostlab/measure/parts/setup_time.py").read_text()


def test_a_port_in_use_by_hand_is_a_failure_and_not_starting_for_ever(engine: Engine) -> None:
    engine.run("", "", 5000, project=compose.BY_HAND)
    error = "driver failed programming external connectivity: bind: address already in use"
    for one in engine.containers.values():
        if one["Labels"]["hosting-lab.service"] == "api":
            one |= {"State": "created", "Status": "Created", "Ports": []}
            one["Details"] = {"Status": "created", "Restarting": False, "Error": error}
    status = get("docker").status()
    assert status.state == "failed" and error in str(status.reason)
    assert "API_PORT" in str(status.reason)
    with pytest.raises(NotRunning, match="address already in use"):
        _ = get("docker").url
