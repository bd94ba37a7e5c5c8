"""The first cell of a lesson: what is there, what is missing, and what of the lesson still works without it."""

import importlib.util
import os
import shutil
import sys
import warnings

import psutil

from deployments import running
from deployments.model import SHIPPED

from . import texts

PACKAGES = {
    "torch": "runs the model",
    "transformers": "loads the model",
    "fastapi": "the services' HTTP interface",
    "requests": "sends requests from Python",
    "matplotlib": "draws the plots",
}


def look_around() -> None:
    """Print one line for each thing that a lesson needs, and whether it can begin."""
    _stay_on_this_machine()
    warnings.filterwarnings("ignore", message="IProgress not found")  # tqdm wants ipywidgets for a prettier bar than anyone sees here
    lines = [_python(), *map(_package, PACKAGES), _model(), _memory(), _curl(), _services()]
    for mark, sentence in lines:
        print(f"{mark:6} {sentence}")
    print(texts.STOP_HERE if any(mark == "[FAIL]" for mark, _ in lines) else texts.ALL_WORKS)


def _stay_on_this_machine() -> None:
    """Keep a school's proxy out of requests to this machine; curl and requests both read this setting."""
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name, "")
        if "127.0.0.1" not in others:
            os.environ[name] = ",".join(filter(None, [others, "127.0.0.1", "localhost"]))


def _python() -> tuple[str, str]:
    return "[OK]", texts.PYTHON_OK.format(version=".".join(map(str, sys.version_info[:3])), path=sys.executable)


def _package(name: str) -> tuple[str, str]:
    found = importlib.util.find_spec(name)
    return ("[OK]" if found else "[FAIL]"), (texts.PACKAGE_OK if found else texts.PACKAGE_MISSING).format(name=name, purpose=PACKAGES[name])


def _model() -> tuple[str, str]:
    weights = SHIPPED / "model.safetensors"
    if not weights.exists():
        return "[FAIL]", texts.MODEL_MISSING.format(folder=SHIPPED)
    return "[OK]", texts.MODEL_OK.format(megabytes=weights.stat().st_size / 1e6)


def _memory() -> tuple[str, str]:
    free = psutil.virtual_memory().available / 1e9
    return ("[OK]", texts.MEMORY_OK.format(free=free)) if free > 1 else ("[--]", texts.MEMORY_LOW.format(free=free))


def _curl() -> tuple[str, str]:
    return ("[OK]", texts.CURL_OK) if shutil.which("curl") else ("[--]", texts.CURL_MISSING)


def _services() -> tuple[str, str]:
    methods = ", ".join(service.method for service in running())
    return ("[--]", texts.RUNNING.format(methods=methods)) if methods else ("[OK]", texts.NOTHING_RUNS)
