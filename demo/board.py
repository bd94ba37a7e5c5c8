"""The board: what the page knows about the methods, and what it does to them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from demo.component_monitor import ComponentUsage
from demo.guest_watcher import GuestWatcher
from demo.guests import GuestList
from demo.jobs import (
    NON_DISRUPTIVE,
    JobFailure,
    JobRunner,
    MethodJob,
    StartTiming,
    own_run_id,
)
from demo.run_queue import RunQueue
from demo.status_poller import Endpoint, StatusPoller
from hostlab import METHODS, get
from hostlab.deployment import Deployment
from hostlab.types import Autoscaler, Status

CLOSE_S = 20.0  # a stop takes at most a service's own deadline, and a little more
AUTOSTARTED = "in-process"  # needs nothing but Python


@dataclass(frozen=True)
class Card:
    """One method as the page shows it."""

    method: str
    status: Status
    job: MethodJob | None = None
    failure: JobFailure | None = None
    components: tuple[ComponentUsage, ...] = ()
    log: str = ""

    @property
    def state(self) -> str:
        """The method's own state, or what a job is doing to it."""
        if self.job and self.job.kind not in NON_DISRUPTIVE:
            return self.job.kind
        return self.status.state

    @property
    def startable(self) -> bool:
        """Whether a start makes sense now. A dead component of a run is a reason for one, too."""
        return self.job is None and self.state in ("stopped", "failed")

    @property
    def replicas(self) -> int:
        """The number of replicas of the model, as far as the components are known."""
        return sum(one.component.role in ("model", "both") for one in self.components)


class Board:
    """Every method's state, read without waiting, and the jobs that change it.

    All its methods may be called from any thread. Only `poll`, `run_now`, and `close` take long.
    """

    def __init__(self) -> None:
        # Held while polling or measuring: neither may distort the other's figures.
        self.machine = threading.Lock()
        self.run_queue = RunQueue(self.machine)  # for what needs the machine for long
        self._closed = threading.Event()
        self._poller = StatusPoller(self.machine, self._closed)
        self._jobs = JobRunner(self._poller, self._closed)
        self.guests = GuestList()
        self._watcher = GuestWatcher(self.guests, self.machine, self._closed)
        self._poller.on_running(self._jobs.clear_failure)

    def open(self) -> None:
        """Poll once, start `in-process` if nothing runs, and poll in the background from now on."""
        self.poll(timeout_s=5)
        if not any(self._poller.status(method).state == "running" for method in METHODS):
            self._jobs.begin(
                AUTOSTARTED,
                MethodJob("starting", requested=False),
                lambda deployment, progress: deployment.start(progress=progress),
            )
        self._poller.start()
        self._watcher.start()

    def cards(self, components: bool = False) -> list[Card]:
        """Return every method as of the last poll, in teaching order.

        With `components`, the next polls ask for the methods' components too.
        """
        self._poller.read(components)
        self._watcher.read()
        return [self._card(method) for method in METHODS]

    def running(self) -> list[Deployment]:
        """Return the methods that ran at the last poll and are not being stopped."""
        return [get(card.method) for card in self.cards() if card.state == "running"]

    def endpoints(self) -> list[Endpoint]:
        """Return the address of every method that has one, and of every guest.

        That includes failed methods: their error response says what is wrong.
        """
        methods = [
            Endpoint(card.method, card.status.url, card.status.engine)
            for card in self.cards()
            if card.state in ("running", "failed") and card.status.url
        ]
        return methods + [guest.endpoint for guest in self.guests.all()]

    def start_of(self, method: str) -> StartTiming | None:
        """Return how the current run began, or None where this demo did not start it."""
        return self._jobs.start_of(method)

    def start(self, method: str) -> None:
        """Start a method. It runs until somebody stops it."""
        self._jobs.begin(
            method,
            MethodJob("starting"),
            lambda deployment, progress: deployment.start(keep=True, progress=progress),
        )

    def start_all(self) -> None:
        """Start every method that can run and does not, all at the same time."""
        for card in self.cards():
            if card.startable:
                self.start(card.method)

    def stop(self, method: str) -> None:
        """Stop a method, whoever started it."""
        self._jobs.begin(
            method, MethodJob("stopping"), lambda deployment, progress: deployment.stop()
        )

    def kill(self, method: str, component: str | None = None) -> None:
        """Kill one component, as a crash would. Without a name, kill one that holds the model."""
        self._jobs.begin(
            method, MethodJob("killing"), lambda deployment, progress: deployment.kill(component)
        )

    def scale(self, method: str, replicas: int) -> None:
        """Run `replicas` replicas of a method's model."""
        self._jobs.begin(
            method,
            MethodJob("scaling", replicas=replicas),
            lambda deployment, progress: deployment.scale(replicas),
        )

    def autoscale(self, method: str) -> None:
        """Let the load set the number of replicas of a method's model."""
        self._jobs.begin(
            method,
            MethodJob("autoscaling"),
            lambda deployment, progress: deployment.autoscale(progress=progress),
        )

    def autoscale_off(self, method: str) -> None:
        """Keep the number of replicas from now on."""
        self._jobs.begin(
            method,
            MethodJob("autoscaling"),
            lambda deployment, progress: deployment.autoscale_off(progress),
        )

    def autoscaler(self, method: str) -> Autoscaler | None:
        """Return what a method's autoscaler did at the last poll, or None where it is off.

        A guest has none that anybody here knows of.
        """
        if method not in METHODS:
            return None
        self._poller.read()
        return self._poller.status(method).autoscaler

    def run_now(self, change: Callable[[str], None], method: str) -> Card:
        """Call `self.start` or another change, wait for its job, and return the result.

        Raises BadInput for an unknown method.
        """
        get(method)
        change(method)
        self._jobs.wait(method)
        return next(card for card in self.cards() if card.method == method)

    def poll(self, timeout_s: float = 1.5) -> None:
        """Poll every method now, and wait at most `timeout_s` seconds for the results."""
        self._poller.poll(timeout_s)

    def close(self) -> tuple[list[str], list[Status]]:
        """Stop what is still starting and what nobody asked for.

        Returns the methods that are stopped, and the status of those that keep running.
        """
        self._closed.set()
        self.run_queue.close(CLOSE_S)
        stopped, kept = self._jobs.close(CLOSE_S), []
        for method in METHODS:
            status = get(method).status()
            if run_id := own_run_id(method):
                get(method).end_run(run_id)
                stopped.append(method)
            elif status.state in ("running", "failed"):
                kept.append(status)
        self._poller.close()
        self._watcher.close()
        names = {status.method for status in kept}
        return [method for method in dict.fromkeys(stopped) if method not in names], kept

    def _card(self, method: str) -> Card:
        # In this order: a job refreshes the status before it ends.
        job, failure = self._jobs.current(method)
        status, monitor = self._poller.status(method), self._poller.components
        return Card(method, status, job, failure, monitor.components(method), monitor.log(method))
