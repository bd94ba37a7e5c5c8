"""What runs, as far as a file can tell: one folder per user, one file per method, shared by command line, notebooks and demo.

A file can be stale: whoever reads it checks that the processes it names still live. A process is named by its id and its
time of creation together, because ids are given out again.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs
import psutil
from filelock import FileLock

from hostlab.types import Role


@dataclass(frozen=True)
class ProcessId:
    """A process that cannot be mistaken for a later one with the same number. `created` is in Unix seconds."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the live process, or None when it is gone or only waits to be reaped."""
        try:
            process = psutil.Process(self.pid)
            same = (
                abs(process.create_time() - self.created) < 0.05
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return None
        return process if same else None


@dataclass
class ProcessRecord:
    """One process of ours: how it was started, so that it can be started again, and where it writes its log."""

    name: str
    role: Role | None  # None: a helper, such as a port-forward, that is no component of the service
    command: list[str]
    environment: dict[str, str]
    log: str
    id: ProcessId | None = None


@dataclass
class Record:
    """One running method. `owner` is the Python that it ends with; None when it stays until stopped. `since` is in Unix seconds."""

    method: str
    run_id: str
    state: str = "starting"  # or "running"
    url: str | None = None
    since: float = field(default_factory=time.time)
    owner: ProcessId | None = None
    processes: list[ProcessRecord] = field(default_factory=list)
    context: str | None = (
        None  # the cluster that it runs in, for kubernetes: another may be in use by the time it is stopped
    )


def home() -> Path:
    """Return the folder that holds state and logs, made if need be: HOSTLAB_HOME, else the user's folder for such things."""
    folder = Path(os.environ.get("HOSTLAB_HOME") or platformdirs.user_state_dir("hosting-lab"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def lock(method: str) -> FileLock:
    """Return the lock that a program holds while it starts or stops `method`, so that two terminals do not trip over each other."""
    return FileLock(home() / f"{method}.lock", is_singleton=True)


def read(method: str) -> Record | None:
    """Return what the file says, or None when there is none or it cannot be read."""
    try:
        data = json.loads(_file(method).read_text(encoding="utf-8"))
        processes = [ProcessRecord(**one | {"id": _id(one["id"])}) for one in data.pop("processes")]
        return Record(**data | {"owner": _id(data["owner"]), "processes": processes})
    except FileNotFoundError:
        return None
    except (
        ValueError,
        TypeError,
        KeyError,
    ):  # half written by a program that was killed, or by another version
        forget(method)
        return None


def write(record: Record) -> None:
    """Write the record whole or not at all."""
    target = _file(record.method)
    new = target.with_suffix(".new")
    new.write_text(json.dumps(asdict(record)), encoding="utf-8")
    new.replace(target)


def forget(method: str, run_id: str | None = None) -> None:
    """Remove the file; with a run id, only if it is still about that run: another program may have started the next one meanwhile."""
    record = read(method) if run_id else None
    if record is None or record.run_id == run_id:
        _file(method).unlink(missing_ok=True)


def _file(method: str) -> Path:
    return home() / f"{method}.json"


def _id(data: dict | None) -> ProcessId | None:
    return ProcessId(**data) if data else None
