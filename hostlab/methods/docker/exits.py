"""How the program in a container last ended, and what it logged before that, even if Docker has
restarted it since.

Docker restarts a program a tenth of a second after it ends, so a poll nearly always finds it
running. What remains of its end is a count of restarts and a time (`FinishedAt`) in the container's
state, and an event with the exit status. Its last lines are somewhere in the middle of the log,
because the new program appends to it. The timestamps tell them apart.
"""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime

from hostlab.methods.docker import engine
from hostlab.methods.docker.engine import Container, Details
from hostlab.types import ComponentLog

_MAX_LINES = 2000  # of the log, in which the last lines of a program that ended are searched for
# The event is written at most this long after `FinishedAt`; usually a millisecond.
_EVENT_DELAY_S = 5


@dataclass(frozen=True)
class LastExit:
    """`exit_status` is None where the engine has forgotten it.

    `at`, in Unix seconds, tells one exit from another.
    """

    exit_status: int | None = field(compare=False)
    out_of_memory: bool = field(compare=False)
    at: float

    def __str__(self) -> str:
        if self.out_of_memory:
            return "was killed because it used more memory than its limit"
        return "died" if self.exit_status is None else f"ended with exit status {self.exit_status}"


def last_exit(container: Container, details: Details) -> LastExit | None:
    """Return how its program last ended, or None where it has run since a person started it.

    `details` is what engine.inspect() returns.
    """
    state = details["State"]
    at = _seconds(state["FinishedAt"])
    if state["Status"] in ("exited", "dead"):
        return LastExit(state["ExitCode"], state["OOMKilled"], at)
    if not (state["Restarting"] or details["RestartCount"]):
        return None
    exit_status, out_of_memory = _from_events(container, at)
    if state["Restarting"]:
        exit_status = state["ExitCode"]
    return LastExit(exit_status, out_of_memory or state["OOMKilled"], at)


def component_logs(container: Container, tail: int) -> list[ComponentLog]:
    """Return the last `tail` lines of its log; of a program that was restarted, those of both
    programs.
    """
    client, details = engine.api(), engine.inspect(container.id)
    with engine.engine_errors():
        if container.ready or details is None or not details["RestartCount"]:
            log = client.logs(container.id, tail=tail)
            return [ComponentLog(container.name, _lines(log))]
        ended_at = _seconds(details["State"]["FinishedAt"])
        log = client.logs(container.id, tail=max(tail, _MAX_LINES), timestamps=True)
    stamped = [(stamp, text) for stamp, _, text in (line.partition(" ") for line in _lines(log))]
    before = [text for stamp, text in stamped if _seconds(stamp) <= ended_at]
    after = [text for stamp, text in stamped if _seconds(stamp) > ended_at]
    logs = [ComponentLog(container.name, before[-tail:], "until it ended")]
    if after:
        logs.append(ComponentLog(container.name, after[-tail:], "started again"))
    return logs


def _from_events(container: Container, at: float) -> tuple[int | None, bool]:
    """Return the exit status of the exit at that time, and whether memory ran out.

    The status is None where the engine, which keeps a few hundred events, has forgotten it.
    """
    client, out_of_memory = engine.api(), False
    with engine.engine_errors():
        # Times are by the engine's clock, which may be another machine's.
        events = client.events(
            since=int(container.created),
            until=int(at) + _EVENT_DELAY_S,
            filters={"container": container.id, "event": ["die", "oom"]},
            decode=True,
        )
        with contextlib.closing(events):
            for event in events:
                out_of_memory = out_of_memory or event["Action"] == "oom"
                if event["Action"] == "die" and event["timeNano"] / 1e9 >= at - 0.001:
                    return int(event["Actor"]["Attributes"]["exitCode"]), out_of_memory
    return None, out_of_memory


def _lines(log: bytes) -> list[str]:
    return log.decode("utf-8", "replace").rstrip().splitlines()


def _seconds(timestamp: str) -> float:
    """Return Unix seconds for the engine's timestamps: 2026-01-31T12:00:00.123456789Z
    (RFC 3339).
    """
    return datetime.fromisoformat(timestamp).timestamp()
