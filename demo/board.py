"""What the page knows about the methods, and what it does to them: state polled in the background, starts and stops as jobs.

No handler of the page waits for an engine, a cluster or a start: handlers read the last known state. Methods are polled all at
once, each on its own, so that one slow tool does not hold up the others, and only while somebody looks.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from demo.job_queue import Turns
from demo.monitor import Pace, Seen, Watch
from hostlab import METHODS, get
from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, StartFailed
from hostlab.runtime import state
from hostlab.types import Progress, Status

log = logging.getLogger("hostlab")

POLL_S = 1.5
POLLED_S = 5.0  # between two looks at a method whose looks take long
PATIENCE_S = 2.0  # a comparison holds the machine for a third of a second; a load holds it for long, and is looked through
LOOKED_AT_S = 10.0  # a page asks every two seconds; without one there is nobody to poll for
CLOSE_S = 20.0  # a stop takes at most a service's own deadline, and a little
UNASKED = "in-process"  # needs nothing but Python


@dataclass(frozen=True)
class Job:
    """What is being done to a method: `doing` is starting, stopping, killing or scaling, `saying` the last sentence of its progress."""

    doing: str
    saying: str = ""
    asked: bool = True


_STOPPING = Job("stopping")
_ALIVE = ("killing", "scaling")  # it goes on answering meanwhile


@dataclass
class Start:
    """A start that this demo saw whole: how long until it answered, and the first request that a comparison sent to it after that."""

    run_id: str | None
    cold_ms: float
    first_ms: float | None = None


@dataclass(frozen=True)
class Address:
    """Where a method answered at the last look: to ask the cluster again before each question would take longer than the answer."""

    method: str
    url: str


@dataclass(frozen=True)
class Failure:
    """Why the last thing done to it failed, in sentences, and the last lines of the log."""

    message: str
    log_tail: str = ""


@dataclass(frozen=True)
class Card:
    """One method as the page shows it. `state` is the method's own, or what a job is doing to it."""

    method: str
    status: Status
    job: Job | None = None
    failure: Failure | None = None
    parts: tuple[Seen, ...] = ()
    log: str = ""

    @property
    def state(self) -> str:
        return self.job.doing if self.job and self.job.doing not in _ALIVE else self.status.state

    @property
    def replicas(self) -> int:
        """How many copies of the model there are, as far as parts are known."""
        return sum("model" in seen.part.name for seen in self.parts)


class Board:
    """The state of every method. All its methods may be called from any thread; none but `poll`, `run_now` and `close` wait for long."""

    def __init__(self) -> None:
        self.machine = (
            threading.Lock()
        )  # held while polling or measuring: neither is to slow the other's figures
        self.turns = Turns(self.machine)  # for what takes the machine for long
        self._changing = threading.Lock()
        self._statuses = {method: Status(method, "stopped") for method in METHODS}
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, Failure] = {}
        self._looked_at = time.monotonic()
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(len(METHODS), thread_name_prefix="poll")
        self._polls = {}
        self._pace = Pace(POLLED_S)
        self._watch = Watch()
        self._watched_at = -LOOKED_AT_S
        self._starts: dict[str, Start] = {}

    def open(self) -> None:
        """Look once, start `in-process` when nothing runs, and go on looking in the background."""
        self.poll(timeout_s=5)
        if not any(status.state == "running" for status in self._statuses.values()):
            self._begin(
                UNASKED,
                Job("starting", asked=False),
                lambda deployment, progress: deployment.start(progress=progress),
            )
        threading.Thread(target=self._keep_polling, name="board", daemon=True).start()

    def cards(self, closely: bool = False) -> list[Card]:
        """Return every method as it was at the last look, in teaching order; after a time without readers, look first.

        With `closely` their parts are looked at too, from the next look on.
        """
        before, self._looked_at = self._looked_at, time.monotonic()
        if closely:
            self._watched_at = self._looked_at
        if self._looked_at - before > LOOKED_AT_S:
            self.poll()
        with self._changing:
            return [self._card(method) for method in METHODS]

    def _card(self, method: str) -> Card:
        parts, log = self._watch.parts(method), self._watch.log(method)
        return Card(
            method,
            self._statuses[method],
            self._jobs.get(method),
            self._failures.get(method),
            parts,
            log,
        )

    def running(self) -> list[Deployment]:
        """Return the methods that ran at the last look and that nobody is stopping."""
        return [get(card.method) for card in self.cards() if card.state == "running"]

    def askable(self) -> list[Address]:
        """Return the methods that run, and those of which a part has died but that still have an address: their answer says what is wrong."""
        return [
            Address(card.method, card.status.url)
            for card in self.cards()
            if card.state in ("running", "failed") and card.status.url
        ]

    def start_of(self, method: str) -> Start | None:
        """Return how the run of now began, where this demo started it."""
        start = self._starts.get(method)
        return start if start and start.run_id == self._statuses[method].run_id else None

    def start(self, method: str) -> None:
        """Start a method, to stay until somebody stops it."""
        self._begin(
            method,
            Job("starting"),
            lambda deployment, progress: deployment.start(keep=True, progress=progress),
        )

    def stop(self, method: str) -> None:
        """Stop a method, whoever started it."""
        self._begin(method, Job("stopping"), lambda deployment, progress: deployment.stop())

    def kill(self, method: str, part: str | None = None) -> None:
        """Kill one part of a method, as a crash would: the one called `part`, else one that holds the model."""
        self._begin(method, Job("killing"), lambda deployment, progress: deployment.kill(part))

    def scale(self, method: str, replicas: int) -> None:
        """Run `replicas` copies of a method's model."""
        self._begin(
            method,
            Job("scaling", str(replicas)),
            lambda deployment, progress: deployment.scale(replicas),
        )

    def run_now(self, change: Callable[[str], None], method: str) -> Card:
        """Call `self.start` or another change, and return how it ended."""
        get(method)  # raises BadInput for a name that is none
        change(method)
        if thread := self._threads.get(method):
            thread.join()
        return next(card for card in self.cards() if card.method == method)

    def poll(self, timeout_s: float = POLL_S) -> None:
        """Look at every method at once; one that takes longer than `timeout_s` seconds is seen when it has answered."""
        for method in METHODS:
            if (method not in self._polls or self._polls[method].done()) and self._pace.due(method):
                self._polls[method] = self._pool.submit(self._look, method)
        wait(self._polls.values(), timeout=timeout_s)

    def close(self) -> tuple[list[str], list[Status]]:
        """End what is still starting and what was started unasked. Return the methods that ended, and what stays running."""
        self._closed.set()
        self.turns.close(CLOSE_S)
        ended, stays = (
            [method for method, job in list(self._jobs.items()) if job.doing == "starting"],
            [],
        )
        until = time.monotonic() + CLOSE_S
        while (
            working := [method for method in list(self._jobs) if self._threads[method].is_alive()]
        ) and time.monotonic() < until:
            for method in working:
                if self._jobs.get(method, _STOPPING).doing == "starting" and _our_run(method):
                    get(
                        method
                    ).supervisor.shut_down()  # the start notices that everything is gone, and cleans up behind itself
            self._threads[working[0]].join(0.5)
        for method in METHODS:
            status = get(method).status()
            if ours := _our_run(method):
                get(method).end_run(ours)
                ended.append(method)
            elif status.state in ("running", "failed"):
                stays.append(status)
        ended = [
            method
            for method in dict.fromkeys(ended)
            if method not in [status.method for status in stays]
        ]
        self._pool.shutdown(wait=False, cancel_futures=True)
        return ended, stays

    def _begin(self, method: str, job: Job, work: Callable[[Deployment, Progress], object]) -> None:
        with self._changing:
            if method in self._jobs and job.doing in _ALIVE:
                raise BadInput(
                    f"{method} is {self._jobs[method].doing} just now. Try again when that is over."
                )
            if method in self._jobs or self._closed.is_set():
                return
            self._jobs[method] = job
            self._failures.pop(method, None)
            self._threads[method] = threading.Thread(
                target=self._work,
                args=(method, job, work),
                name=f"{job.doing} {method}",
                daemon=True,
            )
            self._threads[method].start()

    def _work(self, method: str, job: Job, work: Callable[[Deployment, Progress], object]) -> None:
        failure, began, before = None, time.monotonic(), self._statuses[method].run_id

        def progress(sentence: str) -> None:
            self._jobs[method] = Job(job.doing, sentence, job.asked)

        try:
            work(get(method), progress)
        except StartFailed as error:
            failure = Failure(str(error).partition("\n\nThe last log lines:")[0], error.log_tail)
        except HostingLabError as error:
            failure = Failure(str(error))
        except Exception as error:
            log.exception("%s %s failed", job.doing, method)
            failure = Failure(
                f"Something unforeseen failed: {error}. The terminal of the demo says more, and so does `hostlab logs {method}`."
            )
        took_ms = (time.monotonic() - began) * 1000
        self._watch.changed(method)
        self._look(method)
        with self._changing:
            del self._jobs[method]
            now = self._statuses[method]
            if job.doing == "starting" and now.state == "running" and now.run_id != before:
                self._starts[method] = Start(now.run_id, took_ms)
            if failure and not self._closed.is_set():
                self._failures[method] = failure

    def _look(self, method: str) -> None:
        began = time.monotonic()
        try:
            status = get(method).status()
        except Exception as error:  # a tool that behaves as nobody foresaw must not end the polling
            log.exception("the state of %s cannot be told", method)
            status = Status(method, "unavailable", reason=f"Its state cannot be told: {error}")
        self._pace.took(method, began)
        if time.monotonic() - self._watched_at < LOOKED_AT_S:
            self._watch.look(method, status.state)
        with self._changing:
            before, self._statuses[method] = self._statuses[method].state, status
            if status.state == "running" != before:
                self._failures.pop(method, None)

    def _keep_polling(self) -> None:
        while not self._closed.wait(POLL_S):
            if time.monotonic() - self._looked_at < LOOKED_AT_S:
                mine = self.machine.acquire(timeout=PATIENCE_S)
                try:
                    self.poll()
                finally:
                    if mine:
                        self.machine.release()


def _our_run(method: str) -> str | None:
    """Return the id of the method's run if it is one that ends with this Python."""
    record = state.read(method)
    return record.run_id if record and record.owner and record.owner.pid == os.getpid() else None
