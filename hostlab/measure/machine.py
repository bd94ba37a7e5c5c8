"""What a figure was measured on. Figures of different machines cannot be compared without it."""

import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import psutil

_PACKAGES = (
    "torch",
    "transformers",
    "onnxruntime",
    "openvino",
    "fastapi",
    "uvicorn",
    "aiohttp",
    "requests",
    "openai",
    "docker",
)
# As /proc/cpuinfo names them, on processors of Intel and AMD.
_FEATURES = {
    "AVX2": {"avx2"},
    "AVX-512": {"avx512f"},
    "VNNI": {"avx512_vnni", "avx_vnni"},
    "bf16": {"avx512_bf16", "amx_bf16"},
    "AMX": {"amx_tile"},
}
_CPUINFO = Path("/proc/cpuinfo")


def describe() -> dict[str, object]:
    """Return the processor, cores, memory, system, versions, and current load averages.

    The load averages are of the last 1, 5, and 15 minutes. If one is near the number of cores
    before anything is measured, other programs were running, and affect the figures.
    """
    return {
        "processor": processor(),
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_before": [round(one, 2) for one in psutil.getloadavg()],
        "versions": {"python": platform.python_version()} | dict(_versions()),
        "model": model(),
    }


def model() -> str:
    """Return the model that services load by default."""
    return os.environ.get("MODEL_ID") or "the shipped one"


def processor() -> str:
    """Return the name of the processor's model."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def features() -> list[str] | None:
    """Return the instructions that speed up a network and that this processor has.

    None where that is not known: only Linux on Intel and AMD processors lists them.
    """
    listed = _cpuinfo("flags")
    if listed is None:
        return None
    flags = set(listed.split())
    return [name for name, any_of in _FEATURES.items() if flags & any_of]


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # some are optional
            yield name, importlib.metadata.version(name)


def _cpuinfo(name: str) -> str | None:
    """Return the value of a line of the first processor in /proc/cpuinfo, or None."""
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.exists() else []
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(values, None) or None
