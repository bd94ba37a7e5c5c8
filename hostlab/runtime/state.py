"""What runs, as state files record it: one folder per user, one file per method.

The command line, the notebooks, and the demo share the folder. A file can be out of date, so
readers check that the processes that it names are alive.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs
import psutil
from filelock import FileLock

from hostlab.errors import StateUnusable
from hostlab.runtime.process_id import ProcessId
from hostlab.types import Role

_PROBE_BYTES = 64_000


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
    time the run is stopped. `own_cluster` names the kind cluster that was created for the run, and
    is deleted with it. `closed_node` is the cluster's node that is closed for new pods while it is
    drained. `engine` is what runs the model, as the service reported when it became
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
    own_cluster: str | None = None
    closed_node: str | None = None
    engine: str | None = None


def home() -> Path:
    """Return the folder for state and logs: HOSTLAB_HOME, or else the user's state folder.

    Creates it. Raises StateUnusable.
    """
    try:
        folder = Path(os.environ.get("HOSTLAB_HOME") or platformdirs.user_state_dir("hosting-lab"))
    except RuntimeError as error:
        raise StateUnusable(
            "There is no folder for state and logs, because this user has no home folder. Set "
            "HOSTLAB_HOME to a folder that you can write to."
        ) from error
    with _errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def logs(method: str) -> Path:
    """Return the folder for the logs of a method. Raises StateUnusable."""
    return home() / "logs" / method


def new_log(method: str, name: str) -> Path:
    """Return the path of an empty log file. Raises StateUnusable."""
    file = logs(method) / f"{name}.log"
    with _errors(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return file


def remove_logs(method: str) -> None:
    """Remove the logs of a method. Raises StateUnusable."""
    with _errors(logs(method)):
        for file in logs(method).glob("*.log"):
            file.unlink(missing_ok=True)


def require_writable() -> None:
    """Raise StateUnusable where a file of the size of a state file cannot be written."""
    with _errors(home()), tempfile.TemporaryFile(dir=home()) as file:
        file.write(bytes(_PROBE_BYTES))


@contextlib.contextmanager
def lock(method: str) -> Iterator[None]:
    """Hold the lock that a program takes while it changes what runs of `method`.

    Raises StateUnusable.
    """
    lock_file = FileLock(home() / f"{method}.lock", is_singleton=True)
    with _errors(home()):
        lock_file.acquire()
    try:
        yield
    finally:
        lock_file.release()


def read(method: str) -> Record | None:
    """Return the record, or None when there is none. Removes a file that cannot be understood.

    Raises StateUnusable.
    """
    with _errors(home()):
        try:
            text = _file(method).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
    try:
        data = json.loads(text)
        processes = [ProcessRecord(**one | {"id": _id(one["id"])}) for one in data.pop("processes")]
        return Record(**data | {"owner": _id(data["owner"]), "processes": processes})
    except (ValueError, TypeError, KeyError, AttributeError):
        # A program that was killed wrote half of it, or another version of this project wrote it.
        forget(method)
        return None


def write(record: Record) -> None:
    """Write the record completely or not at all. Raises StateUnusable."""
    target = _file(record.method)
    new = target.with_suffix(".new")
    with _errors(target.parent):
        new.write_text(json.dumps(asdict(record)), encoding="utf-8")
        new.replace(target)


def record_engine(method: str, run_id: str | None, engine: str | None) -> None:
    """Record the engine of a run, if it is still the current one."""
    record = read(method)
    if record and record.run_id == run_id:
        record.engine = engine
        write(record)


def owner_is_gone(method: str, run_id: str | None) -> bool:
    """Return whether a run ends with a Python process that has ended."""
    record = read(method)
    owner = record.owner if record and record.run_id == run_id else None
    return owner is not None and not owner.process()


def is_over(record: Record) -> bool:
    """Return whether nobody is left for whom a run without processes could be restarted."""
    if record.owner:
        return not record.owner.process()
    return not record.processes or record.since < psutil.boot_time()


def forget(method: str, run_id: str | None = None) -> None:
    """Remove the file.

    With a run ID, only if it is still about that run and not about the next one. Raises
    StateUnusable.
    """
    record = read(method) if run_id else None
    if record is None or record.run_id == run_id:
        with _errors(home()):
            _file(method).unlink(missing_ok=True)


def _file(method: str) -> Path:
    return home() / f"{method}.json"


def _id(data: dict[str, Any] | None) -> ProcessId | None:
    return ProcessId(**data) if data else None


@contextlib.contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Raise StateUnusable where the system does not let us read or write in `folder`."""
    try:
        yield
    except OSError as error:
        raise StateUnusable(
            f"The folder for state and logs, {folder}, cannot be used: "
            f"{error.strerror or error}. Free some space or make the folder writable, or set "
            "HOSTLAB_HOME to another folder."
        ) from error
