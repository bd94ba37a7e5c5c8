"""Change the methods in the background: each start, stop, kill, or scaling is a job in a thread."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from demo.status_poller import StatusPoller
from hostlab import get
from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, StartFailed
from hostlab.runtime import state
from hostlab.runtime.progress import Progress, Sentence

log = logging.getLogger("hostlab")

JobKind = Literal["starting", "stopping", "killing", "scaling", "autoscaling"]
Work = Callable[[Deployment, Progress], object]

# During these, the method keeps answering.
NON_DISRUPTIVE: tuple[JobKind, ...] = ("killing", "scaling", "autoscaling")


@dataclass(frozen=True)
class MethodJob:
    """What is being done to a method, and how far that is, as last reported.

    `requested` is false for a start that nobody asked for; `replicas` is what a scaling leads to.
    """

    kind: JobKind
    progress: Sentence | None = None
    requested: bool = True
    replicas: int | None = None


@dataclass(frozen=True)
class JobFailure:
    """Why the last job failed, in sentences, and the last lines of the log."""

    message: str
    log_tail: str = ""


@dataclass
class StartTiming:
    """A start by this demo: the time until the service was ready, and of the first request.

    The first request is the first one that a comparison sends to this run; None until then.
    """

    run_id: str | None
    cold_ms: float
    first_ms: float | None = None


class JobRunner:
    """The jobs of all methods, one at a time for each. May be used from any thread."""

    def __init__(self, poller: StatusPoller, closed: threading.Event) -> None:
        """No job starts after `closed` is set."""
        self._poller, self._closed = poller, closed
        self._lock = threading.Lock()
        self._jobs: dict[str, MethodJob] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, JobFailure] = {}
        self._starts: dict[str, StartTiming] = {}

    def current(self, method: str) -> tuple[MethodJob | None, JobFailure | None]:
        """Return the job that is running, and the failure of the last one."""
        with self._lock:
            return self._jobs.get(method), self._failures.get(method)

    def start_of(self, method: str) -> StartTiming | None:
        """Return how the current run began, or None where this demo did not start it."""
        start = self._starts.get(method)
        return start if start and start.run_id == self._poller.status(method).run_id else None

    def clear_failure(self, method: str) -> None:
        """Forget the failure of the last job."""
        with self._lock:
            self._failures.pop(method, None)

    def begin(self, method: str, job: MethodJob, work: Work) -> None:
        """Run `work` as a job, unless the method already has one.

        Raises BadInput for a kill or a change of the scale of a method that already has a job.
        """
        with self._lock:
            if method in self._jobs and job.kind in NON_DISRUPTIVE:
                raise BadInput(
                    f"{method} is {self._jobs[method].kind} right now. "
                    "Try again when that is complete."
                )
            if method in self._jobs or self._closed.is_set():
                return
            self._jobs[method] = job
            self._failures.pop(method, None)
            thread = threading.Thread(
                target=self._run, args=(method, work), name=f"{job.kind} {method}", daemon=True
            )
            self._threads[method] = thread
            thread.start()

    def wait(self, method: str) -> None:
        """Wait until the method's last job is complete."""
        if thread := self._threads.get(method):
            thread.join()

    def close(self, timeout_s: float) -> list[str]:
        """Abort the starts, wait for the other jobs, and return the methods that were starting."""
        starting = [method for method, job in list(self._jobs.items()) if job.kind == "starting"]
        until = time.monotonic() + timeout_s
        while (active := self._active()) and time.monotonic() < until:
            for method in active:
                job, _ = self.current(method)
                if job and job.kind == "starting" and own_run_id(method):
                    # The start notices that everything is gone, and cleans up after itself.
                    get(method).supervisor.shut_down()
            self._threads[active[0]].join(0.5)
        return starting

    def _active(self) -> list[str]:
        return [method for method in list(self._jobs) if self._threads[method].is_alive()]

    def _run(self, method: str, work: Work) -> None:
        job, before = self._jobs[method], self._poller.status(method).run_id
        began = time.monotonic()

        def progress(sentence: Sentence) -> None:
            self._jobs[method] = replace(job, progress=sentence)

        failure = _attempt(method, job, work, progress)
        took_ms = (time.monotonic() - began) * 1000
        self._poller.components.changed(method)
        self._poller.refresh(method)
        with self._lock:
            del self._jobs[method]
            now = self._poller.status(method)
            if job.kind == "starting" and now.state == "running" and now.run_id != before:
                self._starts[method] = StartTiming(now.run_id, took_ms)
            if failure and not self._closed.is_set():
                self._failures[method] = failure


def own_run_id(method: str) -> str | None:
    """Return the id of the method's run if that run stops when this process exits."""
    record = state.read(method)
    return record.run_id if record and record.owner and record.owner.pid == os.getpid() else None


def _attempt(method: str, job: MethodJob, work: Work, progress: Progress) -> JobFailure | None:
    try:
        work(get(method), progress)
    except StartFailed as error:
        return JobFailure(error.summary, error.log_tail)
    except HostingLabError as error:
        return JobFailure(str(error))
    except Exception as error:
        log.exception("%s %s failed", job.kind, method)
        return JobFailure(
            f"Unexpected error: {error}. For details, see the demo's terminal, "
            f"or run `hostlab logs {method}`."
        )
    return None
