"""Wait until a service is ready: poll with a deadline, and notice if it dies."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.types import Progress

POLL_S = 0.05
REPORT_EVERY_S = 2.0
HEALTH_TIMEOUT_S = 0.5


def wait_until_ready(
    url: str,
    run_id: str | None,
    timeout_s: float,
    failure: Callable[[], str | None],
    progress: Progress,
) -> str | None:
    """Return once GET `url`/ready responds with status 200 and our `run_id`.

    Returns the engine that it names, or None if it names none. The run ID makes sure that it is not
    a stale server. `failure` returns why the service can never become ready, or None. Raises
    StartFailed with that reason, or after `timeout_s` seconds.
    """
    started = time.monotonic()
    reported_s, observed = 0.0, "nothing has answered yet"
    with local_session() as session:
        while (waited_s := time.monotonic() - started) < timeout_s:
            if reason := failure():
                raise StartFailed(reason)
            found = _probe(session, url, run_id)
            if found.ready:
                return found.engine
            observed = found.observed
            if waited_s - reported_s >= REPORT_EVERY_S:
                reported_s = waited_s
                progress(f"Waiting for {url} ({waited_s:.0f} s): {observed}")
            time.sleep(POLL_S)
    raise StartFailed(f"{url} was not ready within {timeout_s:.0f} s: {observed}.")


def engine_at(url: str) -> str | None:
    """Return the engine that the service at `url` names; None if it names none, or none in time."""
    with (
        contextlib.suppress(requests.RequestException, ValueError, AttributeError),
        local_session() as session,
    ):
        engine = session.get(f"{url}/health", timeout=HEALTH_TIMEOUT_S).json().get("engine")
        return engine if isinstance(engine, str) else None
    return None


@dataclass(frozen=True)
class _Observation:
    """Whether a service is ready, what was observed, and the engine that it names."""

    ready: bool
    observed: str
    engine: str | None = None


def _probe(session: requests.Session, url: str, run_id: str | None) -> _Observation:
    try:
        response = session.get(f"{url}/ready", timeout=2)
    except requests.RequestException:
        return _Observation(False, "nothing answers there yet")
    try:
        body = response.json()
        found = body.get("run_id")
    except (ValueError, AttributeError):
        return _Observation(False, "something that is not ours answers there")
    if found != run_id:
        return _Observation(False, f"another run answers there ({found})")
    observed = str(body.get("detail", body.get("status")))
    return _Observation(response.status_code == 200, observed, body.get("engine"))
