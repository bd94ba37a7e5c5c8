"""What a figure was measured on: without it, no figure can be compared with another's."""

import importlib.metadata
import os
import platform
from pathlib import Path

import psutil

_PACKAGES = (
    "torch",
    "transformers",
    "fastapi",
    "uvicorn",
    "aiohttp",
    "requests",
    "openai",
    "docker",
)


def describe() -> dict[str, object]:
    """Return processor, cores, memory, system, versions, and the load averages of the last 1, 5 and
    15 minutes, as they are now.

    A load average near the number of cores, before anything has been measured, says that others
    were at work: the figures are theirs, too.
    """
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_before": [round(one, 2) for one in psutil.getloadavg()],
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in _PACKAGES},
        "model": os.environ.get("MODEL_ID") or "the shipped one",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()
