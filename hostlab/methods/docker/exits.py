"""How a container's program has died, and what it said last: told also when Docker has started it again meanwhile.

Docker starts a program again a tenth of a second after its death, so whoever looks finds it running, nearly always. What is
left of its end is a count of restarts and a time (`FinishedAt`) in the container's state, and an event with the exit status.
Its last words stand somewhere in the middle of the log, for the new program writes on: their times tell them apart.
"""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hostlab.methods.docker import engine
from hostlab.methods.docker.engine import Container

_AT_MOST = 2000  # lines of log, among which the last words of a program that died are looked for
_EVENT_DELAY_S = 5  # how long after `FinishedAt` the event may be written at the latest; in practice a millisecond


@dataclass(frozen=True)
class Death:
    """`exit_status` is None where the engine has forgotten it; `at`, in Unix seconds by the engine's clock, tells one death from another."""

    exit_status: int | None = field(compare=False)
    out_of_memory: bool = field(compare=False)
    at: float

    def __str__(self) -> str:
        if self.out_of_memory:
            return "was killed for using more memory than its limit"
        return "died" if self.exit_status is None else f"ended with exit status {self.exit_status}"


def last_death(container: Container, details: dict[str, Any]) -> Death | None:
    """Return how its program last died, by what engine.inspect() says, or None where it runs since somebody started it."""
    state = details["State"]
    at = _seconds(state["FinishedAt"])
    if state["Status"] in ("exited", "dead"):
        return Death(state["ExitCode"], state["OOMKilled"], at)
    if not (state["Restarting"] or details["RestartCount"]):
        return None
    code, out_of_memory = _told_by_events(container, at)
    return Death(
        state["ExitCode"] if state["Restarting"] else code, out_of_memory or state["OOMKilled"], at
    )


def last_lines(container: Container, tail: int) -> str:
    """Return the last `tail` lines of its log under its name; of a program that died and was started again, both programs' lines."""
    client, details = engine.api(), engine.inspect(container.id)
    with engine.asking():
        if container.ready or details is None or not details["RestartCount"]:
            return (
                f"--- {container.name}\n"
                + client.logs(container.id, tail=tail).decode("utf-8", "replace").rstrip()
            )
        ended_at = _seconds(details["State"]["FinishedAt"])
        lines = (
            client.logs(container.id, tail=max(tail, _AT_MOST), timestamps=True)
            .decode("utf-8", "replace")
            .rstrip()
            .split("\n")
        )
    stamped = [(stamp, text) for stamp, _, text in (line.partition(" ") for line in lines)]
    before = [text for stamp, text in stamped if _seconds(stamp) <= ended_at]
    since = [text for stamp, text in stamped if _seconds(stamp) > ended_at]
    ended = [f"--- {container.name}, until it ended", *before[-tail:]]
    return "\n".join(
        ended + ([f"--- {container.name}, started again", *since[-tail:]] if since else [])
    )


def _told_by_events(container: Container, at: float) -> tuple[int | None, bool]:
    """Return the exit status of the death at that time (None: the engine, which keeps some hundred events, has forgotten it), and whether memory ran out."""
    client, code, out_of_memory = engine.api(), None, False
    filters = {"container": container.id, "event": ["die", "oom"]}
    with engine.asking():
        # times by the engine's own clock, which may be another machine's; the event is there before the state can be asked
        events = client.events(
            since=int(container.created),
            until=int(at) + _EVENT_DELAY_S,
            filters=filters,
            decode=True,
        )
        with contextlib.closing(events):
            for event in events:
                out_of_memory = out_of_memory or event["Action"] == "oom"
                if event["Action"] == "die" and event["timeNano"] / 1e9 >= at - 0.001:
                    code = int(event["Actor"]["Attributes"]["exitCode"])
                    break  # without waiting for what may still come
    return code, out_of_memory


def _seconds(stamp: str) -> float:
    """Return Unix seconds for the engine's form of a time: 2026-01-31T12:00:00.123456789Z."""
    return datetime.fromisoformat(stamp).timestamp()
