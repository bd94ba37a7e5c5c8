"""For the teacher of a class: one line by which a machine can be judged (`hostlab doctor --class`)."""

import platform
import re
import sys
from collections.abc import Sequence

import psutil

from hostlab.doctor import FAIL, MISSING, OK, broken
from hostlab.errors import HostingLabError
from hostlab.registry import get

# the lessons, and the method that each cannot do without
LESSONS = {
    "00": None,
    "01": None,
    "02": None,
    "03": "docker",
    "04": "kubernetes",
    "05": None,
    "06": None,
}
ENOUGH_MEMORY_GB = 2.0


def judge() -> tuple[str, str]:
    """Return a verdict and the one line that says why: what this machine has, which lessons work,
    what the others lack.

    FAIL: no lesson works. MISSING: some do not, or something is to be prepared.
    """
    name = platform.node() or "this machine"
    if trouble := broken():
        return (
            FAIL,
            (
                f"{name}: "
                f"{'; '.join(f'{one.what}: {_first_sentence(one.says)}' for one in trouble)} "
                "| no lesson works"
            ),
        )
    unavailable = {
        status.method: status.reason
        for method in ("docker", "kubernetes")
        if (status := get(method).status()).state == "unavailable"
    }
    memory_gb = psutil.virtual_memory().available / 1e9
    has = [
        f"Python {sys.version_info.major}.{sys.version_info.minor}",
        f"{psutil.cpu_count()} cores",
        f"{memory_gb:.0f} GB free",
        "model",
    ]
    has += [method for method in ("docker", "kubernetes") if method not in unavailable]
    works = [lesson for lesson, method in LESSONS.items() if method not in unavailable]
    notes = [
        f"{lesson} needs {method}: {_first_sentence(unavailable[method])}"
        for lesson, method in LESSONS.items()
        if method in unavailable
    ]
    if "docker" not in unavailable and _images_missing():
        notes.append("images not built yet: `make lab` once, with the network")
    if memory_gb < ENOUGH_MEMORY_GB:
        notes.append("little memory: one method at a time")
    return (
        MISSING if notes else OK
    ), f"{name}: {', '.join(has)} | lessons {'; '.join([_ranges(works), *notes])}"


def _images_missing() -> bool:
    from hostlab.methods.docker import images  # only where there is an engine to ask

    try:
        return bool(images.missing())
    except HostingLabError:
        return True


def _first_sentence(says: str) -> str:
    return re.split(r"[.;] ", f"{says} ", maxsplit=1)[0].strip()


def _ranges(lessons: Sequence[str]) -> str:
    """Return "00-02, 05" for 00, 01, 02, 05."""
    runs: list[list[str]] = []
    for lesson in lessons:
        if runs and int(lesson) == int(runs[-1][-1]) + 1:
            runs[-1].append(lesson)
        else:
            runs.append([lesson])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
