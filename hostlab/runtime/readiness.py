"""Wait until a service is ready: poll with a deadline, and notice if it dies."""

import time
from collections.abc import Callable

import requests

from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.types import Progress

POLL_S = 0.1
REPORT_EVERY_S = 2.0


def wait_until_ready(
    url: str,
    run_id: str | None,
    timeout_s: float,
    failure: Callable[[], str | None],
    progress: Progress,
) -> None:
    """Return once GET `url`/ready responds with status 200 and our `run_id`.

    The run ID makes sure that it is not a stale server. `failure` returns why the service can never
    become ready, or None. Raises StartFailed with that reason, or after `timeout_s` seconds.
    """
    started = time.monotonic()
    reported_s, observed = 0.0, "nothing has answered yet"
    with local_session() as session:
        while (waited_s := time.monotonic() - started) < timeout_s:
            if reason := failure():
                raise StartFailed(reason)
            ready, observed = _probe(session, url, run_id)
            if ready:
                return
            if waited_s - reported_s >= REPORT_EVERY_S:
                reported_s = waited_s
                progress(f"Waiting for {url} ({waited_s:.0f} s): {observed}")
            time.sleep(POLL_S)
    raise StartFailed(f"{url} was not ready within {timeout_s:.0f} s: {observed}.")


def _probe(session: requests.Session, url: str, run_id: str | None) -> tuple[bool, str]:
    """Return whether the service is ready, and what was observed."""
    try:
        response = session.get(f"{url}/ready", timeout=2)
    except requests.RequestException:
        return False, "nothing answers there yet"
    try:
        body = response.json()
        found = body.get("run_id")
    except (ValueError, AttributeError):
        return False, "something that is not ours answers there"
    if found != run_id:
        return False, f"another run answers there ({found})"
    return response.status_code == 200, str(body.get("detail", body.get("status")))
