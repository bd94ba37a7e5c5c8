"""What runs, as state files record it: one folder per user, one file per method.

The command line, the notebooks, and the demo share the folder. A file can be out of date, so
readers check that the processes that it names are alive.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs
from filelock import FileLock

from hostlab.runtime.process_id import ProcessId
from hostlab.types import Role


@dataclass
class ProcessRecord:
    """One process of a run: the command that starts it, and the file that it logs to.

    `role` is None for a helper, such as a port-forward, that is no component of the service.
    """

    name: str
    role: Role | None
    command: list[str]
    environment: dict[str, str]
    log: str
    id: ProcessId | None = None


@dataclass
class Record:
    """One running method. `since` is in Unix seconds.

    `owner` is the process that the run ends with; None means that it runs until stopped. `context`
    is the kubectl context of the cluster that it runs in, because another one may be in use by the
    time the run is stopped. `engine` is what runs the model, as the service reported when it became
    ready.
    """

    method: str
    run_id: str
    state: Literal["starting", "running"] = "starting"
    url: str | None = None
    since: float = field(default_factory=time.time)
    owner: ProcessId | None = None
    processes: list[ProcessRecord] = field(default_factory=list)
    context: str | None = None
    engine: str | None = None


def home() -> Path:
    """Return the folder for state and logs: HOSTLAB_HOME, or else the user's state folder.

    Creates it.
    """
    folder = Path(os.environ.get("HOSTLAB_HOME") or platformdirs.user_state_dir("hosting-lab"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def lock(method: str) -> FileLock:
    """Return the lock that a program holds while it starts or stops `method`."""
    return FileLock(home() / f"{method}.lock", is_singleton=True)


def read(method: str) -> Record | None:
    """Return the record, or None when there is none. Removes a file that cannot be read."""
    try:
        data = json.loads(_file(method).read_text(encoding="utf-8"))
        processes = [ProcessRecord(**one | {"id": _id(one["id"])}) for one in data.pop("processes")]
        return Record(**data | {"owner": _id(data["owner"]), "processes": processes})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        # A program that was killed wrote half of it, or another version of this project wrote it.
        forget(method)
        return None


def write(record: Record) -> None:
    """Write the record completely or not at all."""
    target = _file(record.method)
    new = target.with_suffix(".new")
    new.write_text(json.dumps(asdict(record)), encoding="utf-8")
    new.replace(target)


def record_engine(method: str, run_id: str | None, engine: str | None) -> None:
    """Record the engine of a run, if it is still the current one."""
    record = read(method)
    if record and record.run_id == run_id:
        record.engine = engine
        write(record)


def forget(method: str, run_id: str | None = None) -> None:
    """Remove the file.

    With a run ID, only if it is still about that run and not about the next one.
    """
    record = read(method) if run_id else None
    if record is None or record.run_id == run_id:
        _file(method).unlink(missing_ok=True)


def _file(method: str) -> Path:
    return home() / f"{method}.json"


def _id(data: dict[str, Any] | None) -> ProcessId | None:
    return ProcessId(**data) if data else None
