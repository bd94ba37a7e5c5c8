"""The supervisor of the methods that run as processes of this machine."""

import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hostlab.errors import BadInput
from hostlab.runtime import state
from hostlab.runtime.paths import python_path
from hostlab.runtime.process_id import ProcessId
from hostlab.runtime.spawning import detached
from hostlab.types import Component, ComponentLog, ForeignRun, Role, RunInfo

STOP_TIMEOUT_S = 12.0  # a little more than a service's own deadline for its last requests
KILL_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Program:
    """A Python file to run as a process. `settings` are added to the environment."""

    name: str
    role: Role
    path: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)


class ProcessSupervisor:
    """The processes of one method, which its state file names."""

    def __init__(self, method: str) -> None:
        self.method = method

    def launch(self, programs: list[Program], record: state.Record) -> None:
        """Start all programs, in order, and write each one to `record`.

        The last one is the one that clients use. The logs of an earlier run go: it may have had
        other programs.
        """
        state.remove_logs(self.method)
        try:
            for program in programs:
                self._launch_one(program, record)
        except BaseException:
            _end(record.processes)  # the state file may lack the last one
            raise
        record.url = f"http://127.0.0.1:{programs[-1].port}"
        state.write(record)

    def find(self) -> RunInfo | None:
        """Return what runs, or None.

        A run whose processes have all died is a failed one, as after a crash. Removes the state
        file of a run that ended with its owner, or with the machine.
        """
        record = state.read(self.method)
        if record is None:
            return None
        dead = [one.name for one in record.processes if not _process(one)]
        if len(dead) == len(record.processes) and state.is_over(record):
            state.forget(self.method, record.run_id)
            return None
        if not dead:
            return RunInfo(record.run_id, record.state, record.url, record.since)
        reason = (
            f"{' and '.join(dead)} died. To restart it, run `hostlab up {self.method}`. "
            f"To see why, run `hostlab logs {self.method}`."
        )
        return RunInfo(record.run_id, "failed", record.url, record.since, reason)

    def others(self) -> list[ForeignRun]:
        """Return none: a state file names this user's processes only."""
        return []

    def end_others(self) -> list[str]:
        """Do nothing, and return nobody."""
        return []

    def components(self) -> list[Component]:
        """Return the processes of the service, in the order in which they were started."""
        return [_component(one, one.role) for one in self._records() if one.role]

    def recover(self) -> None:
        """Restart the dead processes, with the same ports and settings."""
        record = state.read(self.method)
        if record is None:
            return
        dead = [one for one in record.processes if not _process(one)]
        try:
            for one in dead:
                _spawn(one)
            state.write(record)
        except BaseException:
            _end(dead)
            raise

    def kill(self, name: str | None) -> str:
        """Kill one process outright, as a crash would, and return its name.

        Without a name, kills the first one, the model's. Raises BadInput if it does not run.
        """
        name = name or next((one.name for one in self._records()), None)
        process = self._running(name)
        process.kill()
        _wait_for_end([process], KILL_TIMEOUT_S)
        return str(name)

    def suspend(self, name: str) -> None:
        """Stop a process without ending it (SIGSTOP).

        Raises BadInput if no process of that name runs.
        """
        self._running(name).suspend()

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return its CPU seconds since its start and its bytes of resident memory."""
        return component.cpu_s, component.memory_bytes

    def component_logs(self, tail: int) -> list[ComponentLog]:
        """Return the last `tail` lines of each process's log, even of a run that has ended."""
        folder = state.logs(self.method)
        return [ComponentLog(file.stem, _tail(file, tail)) for file in sorted(folder.glob("*.log"))]

    def shut_down(self) -> None:
        """Stop all processes, the API first, so that requests in flight still find their model."""
        _end(self._records())
        state.forget(self.method)

    def _launch_one(self, program: Program, record: state.Record) -> None:
        log = state.new_log(self.method, program.name)
        environment = program.settings | {
            "PORT": str(program.port),
            "HOST": "127.0.0.1",
            "HOSTLAB_RUN_ID": record.run_id,
            "HOSTLAB_METHOD": self.method,
            "PYTHONPATH": python_path(),
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, str(program.path)]
        process = state.ProcessRecord(program.name, program.role, command, environment, str(log))
        record.processes.append(process)
        _spawn(process)
        state.write(record)

    def _records(self) -> list[state.ProcessRecord]:
        record = state.read(self.method)
        return record.processes if record else []

    def _running(self, name: str | None) -> psutil.Process:
        processes = {one.name: _process(one) for one in self._records()}
        process = processes.get(name) if name else None
        if process is None:
            running = ", ".join(one for one, process in processes.items() if process) or "none"
            raise BadInput(f"{self.method} has no running process {name!r}. It has: {running}.")
        return process


def _process(record: state.ProcessRecord) -> psutil.Process | None:
    return record.id.process() if record.id else None


def _spawn(record: state.ProcessRecord) -> None:
    with open(record.log, "ab") as log:
        process = subprocess.Popen(
            record.command,
            env=os.environ | record.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **detached(),
        )
    record.id = None
    with contextlib.suppress(psutil.NoSuchProcess):  # it died at once; its log says why
        record.id = ProcessId.of(process.pid)


def _end(records: list[state.ProcessRecord]) -> None:
    for one in reversed(records):
        process = _process(one)
        if process is None:
            continue
        try:
            children = process.children(recursive=True)
            process.terminate()
        except psutil.NoSuchProcess:  # it has ended in the meantime
            continue
        remaining = _wait_for_end([process, *children], STOP_TIMEOUT_S)
        for unresponsive in remaining:
            unresponsive.kill()
        _wait_for_end(remaining, KILL_TIMEOUT_S)


def _wait_for_end(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Wait until the processes have ended; return those that still run after `timeout_s` seconds.

    A process that has ended stays in the system's list until its parent reaps it. A parent that
    inherited it may take seconds to do so, and is not waited for.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        _, remaining = psutil.wait_procs(processes, timeout=0)  # reaps our own children
        processes = [one for one in remaining if _runs(one)]
        if not processes or time.monotonic() > deadline:
            return processes
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _component(record: state.ProcessRecord, role: Role) -> Component:
    process = _process(record)
    if not process:
        pid = str(record.id.pid) if record.id else ""
        return Component(record.name, "process", role, pid, "dead")
    with process.oneshot():
        cpu = process.cpu_times()
        return Component(
            name=record.name,
            kind="process",
            role=role,
            id=str(process.pid),
            state="running",
            since=process.create_time(),
            cpu_s=cpu.user + cpu.system,
            memory_bytes=process.memory_info().rss,
        )


def _tail(file: Path, lines: int) -> list[str]:
    with open(file, encoding="utf-8", errors="replace") as log:
        return "".join(deque(log, maxlen=lines)).rstrip().splitlines()
