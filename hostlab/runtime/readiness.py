"""Wait until a service is ready: poll with a deadline, and notice if it dies."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.runtime.progress import Progress, Sentence
from hostlab.types import Language

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
    reported_s, observed = 0.0, Sentence("wait.nothing_yet")
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
                progress(Sentence("wait.ready", url=url, seconds=waited_s, observed=observed))
            time.sleep(POLL_S)
    seen = observed.text(Language.EN)
    raise StartFailed(f"{url} was not ready within {timeout_s:.0f} s: {seen}.")


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
    observed: Sentence
    engine: str | None = None


def _probe(session: requests.Session, url: str, run_id: str | None) -> _Observation:
    try:
        response = session.get(f"{url}/ready", timeout=2)
    except requests.RequestException:
        return _Observation(False, Sentence("wait.nothing_answers"))
    try:
        body = response.json()
        found = body.get("run_id")
    except (ValueError, AttributeError):
        return _Observation(False, Sentence("wait.stranger"))
    if found != run_id:
        return _Observation(False, Sentence("wait.other_run", run_id=str(found)))
    detail = str(body.get("detail", body.get("status")))
    observed = Sentence("wait.not_ready", detail=detail)
    return _Observation(response.status_code == 200, observed, body.get("engine"))
