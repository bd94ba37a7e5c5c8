"""What a figure was measured on. Figures of different machines cannot be compared without it."""

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
    """Return the processor, cores, memory, system, versions, and current load averages.

    The load averages are of the last 1, 5, and 15 minutes. If one is near the number of cores
    before anything is measured, other programs were running, and affect the figures.
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
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, None) or platform.processor() or platform.machine()
