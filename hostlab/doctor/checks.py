"""The checks of a machine.

They return data, which the command line and the lessons put into their own words.
"""

import importlib.metadata
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import psutil

from deployments.model.source import SHIPPED
from hostlab import registry
from hostlab.doctor import tools
from hostlab.doctor.verdicts import FAIL, MISSING, OK, Check
from hostlab.errors import StateUnusable, explain
from hostlab.registry import METHODS
from hostlab.runtime import exports, state
from hostlab.runtime.engines import AUTO, ENGINES, is_installed

PACKAGES = {
    "torch": "loads the model, to export it",
    "transformers": "the same",
    "onnxruntime": "runs the exported model",
    "fastapi": "the services",
    "gradio": "the demo",
    "jupyterlab": "the notebooks",
    "docker": "talks to a Docker engine",
    "openai": "talks to a model provider",
}
LECTURE_PORTS = {
    5000: "the API, started by hand",
    5001: "the model, started by hand",
    7860: "the demo",
}
MEMORY_GB = 2.0


def checks() -> Iterator[Check]:
    """Yield every check of `hostlab doctor` as it is made. Never raises."""
    yield Check(OK, "Python", f"{platform.python_version()} in {sys.prefix}")
    yield from packages(PACKAGES)
    for subject, check in _CHECKS.items():
        yield _guarded(subject, check)
    for number, purpose in LECTURE_PORTS.items():
        yield _guarded(f"port {number}", partial(port, number, purpose))
    for subject, check in _TOOLS.items():
        yield _guarded(subject, check)
    for name in METHODS:
        yield _guarded(name, partial(method, name))


def _guarded(subject: str, check: Callable[[], Check]) -> Check:
    """Make a check, and say so where it cannot be made: the others do not depend on it."""
    try:
        return check()
    except Exception as error:
        return Check(MISSING, subject, f"could not be checked. {explain(error)}")


def failures() -> list[Check]:
    """Return the failed checks of what nothing works without."""
    needed = (*packages(PACKAGES), model(), state_folder())
    return [check for check in needed if check.verdict == FAIL]


def packages(purposes: Mapping[str, str]) -> list[Check]:
    """Return a check for each Python package of `purposes`, which says what each one is for."""
    return [package(name, purpose) for name, purpose in purposes.items()]


def package(name: str, purpose: str) -> Check:
    """Check that a Python package is installed."""
    try:
        return Check(OK, name, f"{importlib.metadata.version(name)}: {purpose}")
    except importlib.metadata.PackageNotFoundError:
        advice = "Install everything with `make setup`, or with `pip install -e .` in this folder."
        return Check(FAIL, name, f"not installed; {purpose}.", advice)


def model() -> Check:
    """Check the shipped model, unless MODEL_ID names another."""
    if chosen := os.environ.get("MODEL_ID"):
        return Check(OK, "model", f"MODEL_ID names {chosen}; the shipped model is not used.")
    size_mb = shipped_model_mb()
    if size_mb is None:
        advice = "Restore them: `git checkout -- deployments/model/weights`."
        return Check(FAIL, "model", "The shipped weights are missing.", advice)
    summary = f"the shipped one, {size_mb:.0f} MB, for English; set MODEL_ID to use another."
    return Check(OK, "model", summary)


def shipped_model_mb() -> float | None:
    """Return the size of the shipped weights in MB, or None if they are missing."""
    weights = SHIPPED / "model.safetensors"
    return weights.stat().st_size / 1e6 if weights.exists() else None


def export() -> Check:
    """Check that the export of the model is in the cache, so that the first start is quick."""
    advice = "To make it now, run `hostlab export`."
    folder = Path(exports.model_id())
    if not folder.is_dir():
        return Check(OK, "export", f"not checked for {folder}, a model on the Hub.", advice)
    if found := exports.existing(folder):
        return Check(OK, "export", f"{exports.size_mb(found):.0f} MB in {found}")
    summary = "not made yet; the first start makes it, which takes about half a minute."
    return Check(MISSING, "export", summary, advice)


def engines() -> Check:
    """Say which engines are installed. The packages of all but openvino have their own checks."""
    there = [name for name in ENGINES if name != AUTO and is_installed(name)]
    advice = "To compare them, run `hostlab measure engines`."
    if not is_installed("openvino"):
        advice = "openvino is optional: `pip install -e '.[openvino]'`."
    return Check(OK, "engines", f"{', '.join(there) or 'none'} installed.", advice)


def free_memory_gb() -> float:
    """Return the memory that is still available to programs."""
    return psutil.virtual_memory().available / 1e9


def memory() -> Check:
    """Check the free memory."""
    free_gb = free_memory_gb()
    summary = (
        f"{free_gb:.1f} GB free; a process with the model takes about 0.2 GB, all five methods "
        "about 2 GB."
    )
    if free_gb > MEMORY_GB:
        return Check(OK, "memory", summary)
    return Check(MISSING, "memory", summary, "Close something, or start one method at a time.")


def port(number: int, purpose: str) -> Check:
    """Check that a port that the lecture uses is free."""
    subject = f"port {number}"
    if not _listens(number):
        return Check(OK, subject, f"free; {purpose}")
    if number == 7860:
        advice = "`hostlab demo --port 7861` uses another."
        return Check(MISSING, subject, "in use, perhaps by a demo that runs already.", advice)
    advice = "`hostlab up` is not affected, because it uses free ports."
    if platform.system() == "Darwin" and number == 5000:
        advice += (
            " On macOS, AirPlay uses it: in System Settings > General > AirDrop & Handoff, turn "
            "AirPlay Receiver off, or run PORT=5050 python service.py."
        )
    else:
        advice += " By hand, choose another: PORT=5050 python service.py."
    return Check(MISSING, subject, f"in use; {purpose} needs it.", advice)


def _listens(number: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", number)) == 0


def missing_images() -> list[str]:
    """Return the versions of the lessons' images that the engine lacks.

    Returns all versions if the engine does not respond.
    """
    # Imported only where there is an engine, because docker-py takes a moment to import.
    from hostlab.methods.docker import images

    try:
        return images.missing()
    except Exception:
        return list(images.VERSIONS)


def state_folder() -> Check:
    """Check that the folder for state and logs can be written."""
    try:
        state.require_writable()
    except StateUnusable as error:
        return Check(FAIL, "state folder", str(error))
    return Check(OK, "state folder", f"{state.home()}; set HOSTLAB_HOME to use another.")


def method(name: str) -> Check:
    """Check whether a method can start here."""
    status = registry.status(name)
    verdict = MISSING if status.state == "unavailable" else OK
    return Check(verdict, name, status.reason or f"can start here; it is {status.state}.")


_CHECKS: dict[str, Callable[[], Check]] = {
    "model": model,
    "export": export,
    "state folder": state_folder,
    "engines": engines,
    "memory": memory,
}
_TOOLS: dict[str, Callable[[], Check]] = {
    "Docker engine": tools.docker_engine,
    "local cluster": tools.cluster,
    "Chromium": tools.browser,
}
