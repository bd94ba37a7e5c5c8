"""One line about a machine, for the teacher of a class (`hostlab doctor --class`)."""

import platform
import re
import sys
from collections.abc import Sequence

import psutil

from hostlab import registry
from hostlab.doctor import checks
from hostlab.doctor.verdicts import FAIL, MISSING, OK, Verdict

# The lessons, and the method that each one requires.
LESSONS = {
    "00": None,
    "01": None,
    "02": None,
    "03": "docker",
    "04": "kubernetes",
    "05": None,
    "06": None,
    "07": None,
}


def class_line() -> tuple[Verdict, str]:
    """Return a verdict and one line: what this machine has, which lessons work, what the others
    lack.

    FAIL: no lesson works. MISSING: some do not, or something has to be prepared.
    """
    name = platform.node() or "this machine"
    if failed := checks.failures():
        reasons = "; ".join(f"{one.subject}: {_first_sentence(one.summary)}" for one in failed)
        return FAIL, f"{name}: {reasons} | no lesson works"
    statuses = [registry.status(method) for method in ("docker", "kubernetes")]
    unavailable = {one.method: one.reason or "" for one in statuses if one.state == "unavailable"}
    memory_gb = checks.free_memory_gb()
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    has = [version, f"{psutil.cpu_count()} cores", f"{memory_gb:.0f} GB free", "model"]
    has += [method for method in ("docker", "kubernetes") if method not in unavailable]
    works = [lesson for lesson, method in LESSONS.items() if method not in unavailable]
    notes = [
        f"{lesson} needs {method}: {_first_sentence(unavailable[method])}"
        for lesson, method in LESSONS.items()
        if method in unavailable
    ]
    if "docker" not in unavailable and checks.missing_images():
        notes.append("images not built yet: `make lab` once, with the network")
    if memory_gb < checks.MEMORY_GB:
        notes.append("little memory: one method at a time")
    lessons = "; ".join([_ranges(works), *notes])
    return (MISSING if notes else OK), f"{name}: {', '.join(has)} | lessons {lessons}"


def _first_sentence(text: str) -> str:
    return re.split(r"[.;] ", f"{text} ", maxsplit=1)[0].strip()


def _ranges(lessons: Sequence[str]) -> str:
    """Return "00-02, 05" for 00, 01, 02, 05."""
    runs: list[list[str]] = []
    for lesson in lessons:
        if runs and int(lesson) == int(runs[-1][-1]) + 1:
            runs[-1].append(lesson)
        else:
            runs.append([lesson])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
