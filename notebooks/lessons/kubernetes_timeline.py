"""What the cluster says happened to the pods of a service during a load.

`with OpenLoad(…) as load, WatchedPods(service, load) as pods: …`, and afterwards
`plots.timeline(load, pods.rows)`.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Self

from hostlab.measure.load.generator import Load
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import KubernetesObject
from hostlab.methods.kubernetes.objects import PART_OF
from hostlab.methods.kubernetes.pods import is_deleted, is_ready, unix_time
from notebooks.lessons.timeline import Life, Row, State, rows_until

WATCH_TIMEOUT_S = 300  # kubectl ends by itself after this, even if the notebook is killed
FIRST_EVENT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Event:
    """A pod as it was from `at_s` on, in seconds since the load began, or that it is gone."""

    at_s: float
    pod: KubernetesObject
    gone: bool = False


class WatchedPods:
    """The pods of a service while a load runs, in the seconds of that load.

    `rows` has a row for each pod when the block has ended, the model's first.
    """

    def __init__(self, service: Kubernetes, load: Load) -> None:
        self.rows: list[Row] = []
        self._kubectl, self._load = service.supervisor.kubectl, load
        self._events: list[Event] = []
        self._began = threading.Event()

    def __enter__(self) -> Self:
        options = ("--watch", "--output-watch-events", "--output=json")
        limit = f"--request-timeout={WATCH_TIMEOUT_S}s"
        command = self._kubectl.command("get", "pods", "--selector", PART_OF, *options, limit)
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self._began.wait(FIRST_EVENT_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        ended_s = self._load.elapsed_s
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        self.rows = rows_of(self._events, time.time() - self._load.elapsed_s, ended_s)

    def _read(self) -> None:
        assert self._process.stdout
        for event in _objects(self._process.stdout):
            gone = event["type"] == "DELETED"
            self._events.append(Event(self._load.elapsed_s, event["object"], gone))
            self._began.set()


def _objects(stream: IO[str]) -> Iterator[KubernetesObject]:
    """Yield each JSON object of a stream as soon as it is complete.

    kubectl writes each one into a line of its own; older versions indent them.
    """
    text = ""
    for line in stream:
        text += line
        if line.startswith(("{", "}")) and line.endswith("}\n"):
            yield json.loads(text)
            text = ""


@dataclass
class _PodLife(Life):
    role: str
    restarts: int


def rows_of(events: Iterable[Event], began_s: float, ended_s: float) -> list[Row]:
    """Return a row for each pod between the beginning of a load, in Unix seconds, and `ended_s`."""
    lives: dict[str, _PodLife] = {}
    for event in events:
        metadata, restarts = event.pod["metadata"], _restarts(event.pod)
        if not (life := lives.get(metadata["uid"])):
            existed = unix_time(metadata["creationTimestamp"]) <= began_s
            role, ending = metadata["labels"]["app"], metadata["name"].rpartition("-")[2]
            since_s = 0 if existed else event.at_s
            life = _PodLife(f"{role} {ending}", state_of(event.pod), since_s, role, restarts)
            lives[metadata["uid"]] = life
        if restarts > life.restarts and life.state != "killed":
            # The cluster often reports a program's end only together with its restart.
            life.become("killed", min(event.at_s, _killed_at(event.pod) - began_s))
        life.restarts = restarts
        life.become(None if event.gone else state_of(event.pod), event.at_s)
    ordered = sorted(lives.values(), key=lambda life: (life.role != "model", life.name))
    return rows_until(ended_s, ordered)


def state_of(pod: KubernetesObject) -> State:
    """Return in which of the states of a timeline a pod is."""
    if is_deleted(pod):
        return "terminating"
    states = [one.get("state", {}) for one in _containers(pod)]
    waits = [state.get("waiting", {}).get("reason") for state in states]
    if any("terminated" in state for state in states) or "CrashLoopBackOff" in waits:
        return "killed"
    return "ready" if is_ready(pod) else "starting"


def _containers(pod: KubernetesObject) -> list[KubernetesObject]:
    return pod["status"].get("containerStatuses") or []


def _restarts(pod: KubernetesObject) -> int:
    return sum(one["restartCount"] for one in _containers(pod))


def _killed_at(pod: KubernetesObject) -> float:
    """Return when a container last ended, in Unix seconds; whole ones, as the cluster says it."""
    ended = [one.get("lastState", {}).get("terminated", {}) for one in _containers(pod)]
    return max((unix_time(one["finishedAt"]) for one in ended if one), default=time.time())
