"""Wait until a service answers: by asking, with a deadline, and noticing when it has died. Nothing sleeps a fixed time."""

import time
from collections.abc import Callable

import requests

from hostlab.errors import StartFailed

POLL_S = 0.1


def wait_until_ready(
    url: str,
    run_id: str | None,
    timeout_s: float,
    death: Callable[[], str | None],
    progress: Callable[[str], None],
) -> None:
    """Return once GET `url`/ready answers 200 with our `run_id`: a stale server on the port cannot pass for the new one.

    `death` returns why it can never come up, or None; `progress` gets a sentence now and then.
    Raises StartFailed on death or when `timeout_s` seconds have passed.
    """
    started = time.monotonic()
    said, last = 0.0, "nothing has answered yet"
    with requests.Session() as session:
        session.trust_env = False
        while (waited_s := time.monotonic() - started) < timeout_s:
            if why := death():
                raise StartFailed(why)
            ready, last = _ask(session, url, run_id)
            if ready:
                return
            if waited_s - said >= 2:
                said = waited_s
                progress(f"Waiting for {url} ({waited_s:.0f} s): {last}")
            time.sleep(POLL_S)
    raise StartFailed(f"{url} was not ready within {timeout_s:.0f} s: {last}.")


def _ask(session: requests.Session, url: str, run_id: str | None) -> tuple[bool, str]:
    try:
        answer = session.get(f"{url}/ready", timeout=2)
    except requests.RequestException:
        return False, "nothing answers there yet"
    try:
        body = answer.json()
        found = body.get("run_id")
    except (ValueError, AttributeError):
        return False, "something that is not ours answers there"
    if found != run_id:
        return False, f"another run answers there ({found})"
    return answer.status_code == 200, str(body.get("detail", body.get("status")))
