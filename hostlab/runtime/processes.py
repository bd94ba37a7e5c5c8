"""Host a method as processes of this machine: start them on free ports, find them again, read their logs, end them."""

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
from hostlab.runtime.spawning import detached
from hostlab.types import Component, Role, RunInfo

STOP_S = 12.0  # a little more than a service's own deadline for its last requests


@dataclass(frozen=True)
class Program:
    """A Python file to run as a process, with its port and the settings that differ from this environment's."""

    name: str
    role: Role
    path: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)


class ProcessSupervisor:
    """The processes of one method. What they are stands in the method's state file."""

    def __init__(self, method: str) -> None:
        self.method = method

    def launch(self, programs: list[Program], record: state.Record) -> None:
        """Start all programs, in order; the last one is what clients talk to. `record` is written as they start."""
        for program in programs:
            log = state.home() / "logs" / self.method / f"{program.name}.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.unlink(missing_ok=True)
            environment = program.settings | {
                "PORT": str(program.port),
                "HOST": "127.0.0.1",
                "HOSTLAB_RUN_ID": record.run_id,
                "HOSTLAB_METHOD": self.method,
                "PYTHONPATH": python_path(),
                "PYTHONUNBUFFERED": "1",
            }
            process = state.ProcessRecord(
                program.name,
                program.role,
                [sys.executable, str(program.path)],
                environment,
                str(log),
            )
            record.processes.append(process)
            _spawn(process)
            state.write(record)
        record.url = f"http://127.0.0.1:{programs[-1].port}"
        state.write(record)

    def find(self) -> RunInfo | None:
        """Return what runs, or None. The file of a run whose processes are all gone is removed by whoever meets it."""
        record = state.read(self.method)
        if record is None:
            return None
        alive = [one for one in record.processes if one.id and one.id.process()]
        if not alive and (
            record.state == "running" or not (record.owner and record.owner.process())
        ):
            state.forget(self.method, record.run_id)
            return None
        dead = [one.name for one in record.processes if one not in alive]
        reason = (
            f"{' and '.join(dead)} died. Start {self.method} again to mend it; `hostlab logs {self.method}` says more."
            if dead
            else None
        )
        return RunInfo(
            record.run_id, "failed" if dead else record.state, record.url, record.since, reason
        )

    def components(self) -> list[Component]:
        record = state.read(self.method)
        return [_part(one, one.role) for one in record.processes if one.role] if record else []

    def recover(self) -> None:
        """Start the dead processes again, where and as they were."""
        record = state.read(self.method)
        for one in record.processes:
            if not (one.id and one.id.process()):
                _spawn(one)
        state.write(record)

    def kill(self, part: str | None) -> str:
        """Kill one process outright, as a crash would; `part` is its name, else the first: the model's. Return its name."""
        record = state.read(self.method)
        processes = {one.name: one.id.process() for one in (record.processes if record else [])}
        name = part or next(iter(processes), None)
        if name not in processes or processes[name] is None:
            raise BadInput(
                f"{self.method} has no running process {name!r}. It has: {', '.join(n for n, p in processes.items() if p) or 'none'}."
            )
        processes[name].kill()
        _wait([processes[name]], 5)
        return name

    def suspend(self, name: str) -> None:
        """Stop a process without ending it (SIGSTOP). Raises BadInput where none of that name runs."""
        record = state.read(self.method)
        running = (
            {one.name: one.id.process() for one in record.processes if one.id} if record else {}
        )
        process = running.get(name)
        if process is None:
            raise BadInput(f"{self.method} has no running process {name!r}.")
        process.suspend()

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return its CPU seconds since its start and its bytes of resident memory."""
        return component.cpu_s, component.memory_bytes

    def logs(self, tail: int) -> str:
        """Return the last `tail` lines of each process's log, also of a run that has ended."""
        folder = state.home() / "logs" / self.method
        files = sorted(folder.glob("*.log"))
        return "\n".join(f"--- {file.stem}\n{_tail(file, tail)}" for file in files)

    def shut_down(self) -> None:
        """Stop all processes: first those that clients talk to, so that requests in flight still find their model."""
        record = state.read(self.method)
        for one in reversed(record.processes if record else []):
            process = one.id and one.id.process()
            if process is None:
                continue
            children = process.children(recursive=True)
            process.terminate()
            left = _wait([process, *children], STOP_S)
            for stubborn in left:
                stubborn.kill()
            _wait(left, 5)
        state.forget(self.method)


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
    try:
        record.id = state.ProcessId.of(process.pid)
    except psutil.NoSuchProcess:  # it died at once: its log says why
        record.id = state.ProcessId(process.pid, time.time())


def _wait(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Wait until they have ended; return those that still run after `timeout_s` seconds.

    One that has ended stays in the list of processes until its parent has taken note. A parent that inherited it may take
    seconds for that, so it is not waited for.
    """
    ends_at = time.monotonic() + timeout_s
    while True:
        _, left = psutil.wait_procs(processes, timeout=0)  # takes note of our own
        processes = [one for one in left if _runs(one)]
        if not processes or time.monotonic() > ends_at:
            return processes
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _part(record: state.ProcessRecord, role: Role) -> Component:
    process = record.id and record.id.process()
    if not process:
        return Component(
            record.name, "process", role, str(record.id.pid) if record.id else "", "dead"
        )
    with process.oneshot():
        cpu = process.cpu_times()
        return Component(
            record.name,
            "process",
            role,
            str(process.pid),
            "running",
            process.create_time(),
            cpu.user + cpu.system,
            process.memory_info().rss,
        )


def _tail(file: Path, lines: int) -> str:
    with open(file, encoding="utf-8", errors="replace") as log:
        return "".join(deque(log, maxlen=lines)).rstrip()
