"""Programs that stand in for kind, minikube, k3d and kubectl: they note how they were called, and
say what a test tells them to say.
"""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml


class StandIns:
    """Put programs on the PATH; `calls` are the command lines that they got, in order."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._bin, self._log, self._patch = folder / "bin", folder / "calls", patch
        self._bin.mkdir()
        patch.setenv("PATH", str(self._bin))

    def add(
        self,
        name: str,
        *,
        stdout: str = "",
        stderr: str = "",
        status: int = 0,
        answers: dict[str, str] | None = None,
    ) -> None:
        """Add a program. `answers` are what it prints for arguments that contain their keys."""
        note = f"open({str(self._log)!r}, 'a').write(json.dumps([{name!r}, *sys.argv[1:]]) + '\\n')"
        lines = [
            "import json, sys",
            note,
            f"answers, arguments = {answers or {}!r}, ' '.join(sys.argv[1:])",
            f"found = [one for key, one in answers.items() if key in arguments] or [{stdout!r}]",
            "sys.stdout.write(found[0])",
            f"sys.stderr.write({stderr!r})",
            f"sys.exit({status})",
        ]
        script = "\n".join([*lines, ""])
        (self._bin / f"{name}.py").write_text(script, "utf-8")
        program = self._bin / name
        program.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{self._bin / name}.py" "$@"\n', "utf-8"
        )
        program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return (
            [" ".join(json.loads(line)) for line in self._log.read_text("utf-8").splitlines()]
            if self._log.exists()
            else []
        )


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    if os.name == "nt":
        pytest.skip("the programs that stand in are shell scripts")
    return StandIns(tmp_path, monkeypatch)


def node(name: str, *images: list[str], ready: bool = True, address: str = "192.0.2.1") -> dict:
    """A node of the cluster, as `kubectl get nodes` reports it."""
    return {
        "metadata": {"name": name, "creationTimestamp": "2026-01-02T03:04:05Z"},
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "images": [{"names": names, "sizeBytes": 1} for names in images],
        },
    }


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that writes a kubeconfig of the given contexts and their servers, and makes
    it the user's.
    """
    for name in ("KUBE_CONTEXT", "KIND", "KUBE_FORWARD", "IMAGE_LOADER"):
        monkeypatch.delenv(f"HOSTLAB_{name}", raising=False)
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))

    def write(current: str | None, **servers: str) -> Path:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": f"cluster of {name}", "cluster": {"server": server}}
                for name, server in servers.items()
            ],
            "users": [
                {"name": "somebody", "user": {"token": "none"}}
            ],  # without one kubectl asks for a password
            "contexts": [
                {"name": name, "context": {"cluster": f"cluster of {name}", "user": "somebody"}}
                for name in servers
            ],
        }
        path = tmp_path / "kubeconfig"
        path.write_text(
            yaml.safe_dump(config | ({"current-context": current} if current else {})), "utf-8"
        )
        return path

    return write
