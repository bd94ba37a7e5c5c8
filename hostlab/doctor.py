"""`hostlab doctor`: what is on this machine, what is missing, what each thing is for and how to get
it.
"""

import importlib.metadata
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
from rich.console import Console
from rich.text import Text

from deployments.model import SHIPPED
from hostlab.registry import METHODS, get

OK, MISSING, FAIL = (
    "OK",
    "--",
    "FAIL",
)  # there; not there, and something works without it; nothing works without it
PACKAGES = {
    "torch": "runs the model",
    "transformers": "loads the model",
    "fastapi": "the services",
    "gradio": "the demo",
    "jupyterlab": "the notebooks",
    "docker": "talks to a Docker engine",
    "openai": "talks to a provider of models",
}
LECTURE_PORTS = {
    5000: "the API, started by hand",
    5001: "the model, started by hand",
    7860: "the demo",
}


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    verdict: str
    what: str
    says: str


def report(out: Console) -> int:
    """Print a line for each check as it is made; return 1 where one of them is FAIL, else 0."""
    verdicts = []
    for check in checks():
        verdicts.append(check.verdict)
        style = {OK: "green", MISSING: "yellow", FAIL: "red"}[check.verdict]
        out.print(
            Text(f"[{check.verdict}]".ljust(7), style),
            f"{check.what:<17}",
            Text(check.says),
            soft_wrap=True,
        )
    if FAIL in verdicts:
        out.print(
            "\nMend what is marked FAIL first: nothing starts without it. `make setup` installs "
            "the packages."
        )
        return 1
    out.print(
        "\nReady. `hostlab up in-process` starts the first service, `hostlab demo` opens the page."
    )
    return 0


def checks() -> Iterator[Check]:
    yield _python()
    yield from (_package(name, purpose) for name, purpose in PACKAGES.items())
    yield _model()
    yield _memory()
    yield from (_port(port, purpose) for port, purpose in LECTURE_PORTS.items())
    yield _docker()
    yield _cluster()
    yield _browser()
    yield from (_method(name) for name in METHODS)


def broken() -> list[Check]:
    """Return the checks without which nothing works, where they fail."""
    return [
        check
        for check in (*(_package(name, purpose) for name, purpose in PACKAGES.items()), _model())
        if check.verdict == FAIL
    ]


def _python() -> Check:
    return Check(OK, "Python", f"{platform.python_version()} in {sys.prefix}")


def _package(name: str, purpose: str) -> Check:
    try:
        return Check(OK, name, f"{importlib.metadata.version(name)}: {purpose}")
    except importlib.metadata.PackageNotFoundError:
        return Check(
            FAIL,
            name,
            f"not installed; {purpose}. Install everything with `make setup`, or `pip install -e "
            ".` in this folder.",
        )


def _model() -> Check:
    chosen = os.environ.get("MODEL_ID")
    if chosen:
        return Check(OK, "model", f"MODEL_ID names {chosen}; the shipped model is not used.")
    weights = SHIPPED / "model.safetensors"
    if not weights.exists():
        return Check(
            FAIL,
            "model",
            "The shipped weights are missing. Bring them back: `git checkout -- "
            "deployments/model/weights`.",
        )
    return Check(
        OK,
        "model",
        f"the shipped one, {weights.stat().st_size / 1e6:.0f} MB, reads English; set MODEL_ID for "
        "another.",
    )


def _memory() -> Check:
    free_gb = psutil.virtual_memory().available / 1e9
    says = f"{free_gb:.1f} GB free; a process that holds the model takes about 0.5 GB, all five methods about 4 GB."
    return Check(
        OK if free_gb > 2 else MISSING,
        "memory",
        says if free_gb > 2 else f"{says} Close something, or start one method at a time.",
    )


def _port(port: int, purpose: str) -> Check:
    if not _listens(port):
        return Check(OK, f"port {port}", f"free; {purpose}")
    says = f"taken; {purpose} needs it. `hostlab up` does not care: it takes free ports."
    if platform.system() == "Darwin" and port == 5000:
        says += " On macOS it is AirPlay: System Settings, General, AirDrop & Handoff, AirPlay Receiver off; or PORT=5050 python service.py."
    elif port == 7860:
        says = (
            "taken, perhaps by a demo that runs already. `hostlab demo --port 7861` takes another."
        )
    else:
        says += " By hand, choose another: PORT=5050 python service.py."
    return Check(MISSING, f"port {port}", says)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _docker() -> Check:
    return _tool(
        "Docker engine",
        ["docker", "version", "--format", "{{.Server.Version}}"],
        "for the methods docker and kubernetes (lessons 03 and 04)",
        "Install Docker Desktop (docs.docker.com/get-docker) or your system's docker packages, "
        "and start it.",
    )


def _cluster() -> Check:
    return _tool(
        "local cluster",
        ["kubectl", "get", "nodes", "--output", "name", "--request-timeout", "5s"],
        "for the method kubernetes (lesson 04)",
        "Switch on Kubernetes in Docker Desktop, or install kubectl and kind (kind.sigs.k8s.io) "
        "and run `kind create cluster`.",
    )


def _browser() -> Check:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return Check(OK, "Chromium", f"{found}: for the project's own browser tests")
    return Check(
        MISSING,
        "Chromium",
        "not found; only the project's own browser tests need it. Debian: apt install chromium",
    )


def _tool(what: str, command: list[str], purpose: str, install: str) -> Check:
    if not shutil.which(command[0]):
        return Check(
            MISSING,
            what,
            f"{command[0]} is not installed; {purpose}. {install} All else works without it.",
        )
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except subprocess.TimeoutExpired:
        return Check(
            MISSING,
            what,
            f"does not answer within 10 s; {purpose}. Start it again. All else works without it.",
        )
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode == 0 and said:
        return Check(OK, what, f"{said[-1]}: {purpose}")
    return Check(
        MISSING,
        what,
        f"is installed but does not answer ({said[-1] if said else 'no reason given'}); "
        f"{purpose}. {install} All else works without it.",
    )


def _method(name: str) -> Check:
    status = get(name).status()
    return Check(
        MISSING if status.state == "unavailable" else OK,
        name,
        status.reason or f"can start here; now it is {status.state}.",
    )
