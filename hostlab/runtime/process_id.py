"""What tells one process from all others, also from a later one with the same ID.

The operating system reuses process IDs, so the moment of the start belongs to the identity. But
`psutil.Process.create_time()` moves when the system's clock is set, or after the computer slept:
on Linux it is the clock's reading at boot plus the ticks since then, and on macOS psutil adds the
steps of the clock that it has seen (psutil issues 2526 and 2541). psutil itself compares processes
by a start time that never moves: ticks since boot on Linux, and what the kernel wrote down at the
start on macOS and Windows. The hash of a Process is made of the ID and that time, and is the one
form in which psutil makes it public. Ticks since boot repeat after the next boot, so on Linux the
boot has an ID, too.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # of Linux


@dataclass(frozen=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same ID.

    `started` stands for the moment of its start. It can only be compared.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the identity of a live process. Raises psutil.NoSuchProcess."""
        return cls(pid, _started(psutil.Process(pid)))

    def process(self) -> psutil.Process | None:
        """Return the live process, or None when it is gone or only waits to be reaped."""
        try:
            process = psutil.Process(self.pid)
            same = _started(process) == self.started
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def _started(process: psutil.Process) -> str:
    boot = _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else ""
    return f"{hash(process):x} {boot}".strip()
