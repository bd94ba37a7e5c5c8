"""How the check of lesson 03 reads a health check, and watches what Docker makes of it."""

import json
import re
import subprocess
import time
from typing import Any

from notebooks.lessons import held_model
from notebooks.lessons.docker_containers import MODEL_IMAGE, details_of, execute
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import Wrong

texts = LessonTexts("docker")

IS_READY = ["python", "-S", "healthcheck.py"]  # the images' own health check
TIMEOUT_S, LATE_S = 90.0, 8.0
TIMED_OUT = -1  # Docker's exit status for a command that took too long
DEFAULT_S, DEFAULT_RETRIES = 30.0, 3  # Docker's interval and timeout, and its retries
MAX_NOTICED_S = 120.0  # from when a program hangs until Docker says so
UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
MAX_TIMED_OUT = 2  # A command that itself waits for /ready takes too long each time.


def watch_while_held(id_: str) -> None:
    """Raise Wrong if Docker reports the container as healthy before its model can load.

    Returns when Docker has run the student's command in a program that responds but is not ready.
    """
    started, earlier = time.monotonic(), None
    while time.monotonic() - started < TIMEOUT_S:
        time.sleep(0.3)
        if earlier is None:
            responds = execute(id_, held_model.RESPONDS)[0] == 0
            earlier = _ended_commands(id_) if responds else None
            continue
        ended = _ended_commands(id_)
        # The first of these may have begun before the program responded.
        statuses = [status for start, status in ended.items() if start not in earlier][1:]
        if any(status != TIMED_OUT for status in statuses) or len(statuses) == MAX_TIMED_OUT:
            return
    raise Wrong(texts("health_never", seconds=TIMEOUT_S))


def _ended_commands(id_: str) -> dict[str, int]:
    """Return the exit statuses of the last five health checks by start time.

    Raises Wrong if Docker reports the container as healthy.
    """
    health = details_of(id_)["State"]["Health"]
    if health["Status"] == "healthy":
        raise Wrong(texts("health_early"))
    return {one["Start"]: one["ExitCode"] for one in health["Log"] or []}


def seconds_until_healthy(id_: str) -> float:
    """Raise Wrong if Docker reports the container as healthy too early, too late, or never."""
    started, ready_since = time.monotonic(), None
    while (now := time.monotonic()) - started < TIMEOUT_S:
        health = details_of(id_)["State"]["Health"]
        ready = execute(id_, IS_READY)[0] == 0
        if health["Status"] == "healthy":
            if not ready:
                raise Wrong(texts("health_early"))
            return now - started
        ready_since = ready_since or (now if ready else None)
        if ready_since and now - ready_since > LATE_S:
            output = last_line(health["Log"][-1]["Output"] if health["Log"] else "")
            raise Wrong(texts("health_late", seconds=now - ready_since, output=output))
        time.sleep(0.3)
    raise Wrong(texts("health_never", seconds=TIMEOUT_S))


def test_of(healthcheck: dict[str, Any]) -> tuple[list[str], float]:
    """Return a health check's test as Compose reads it, and its timeout in seconds.

    The test is CMD or CMD-SHELL, then the command. Raises Wrong if Compose rejects the health
    check, if it has no command, or if it would notice a hung program too late.
    """
    model_service = {"image": MODEL_IMAGE, "healthcheck": healthcheck}
    file = json.dumps({"services": {"model-service": model_service}}, default=str)
    command = ["docker", "compose", "--project-name", "exercise", "--file", "-"]
    done = subprocess.run(
        [*command, "config", "--format", "json"], input=file, capture_output=True, text=True
    )
    if done.returncode:
        raise Wrong(texts("health_rejected", message=last_line(done.stderr)))
    parsed = json.loads(done.stdout)["services"]["model-service"].get("healthcheck", {})
    test = parsed.get("test") or []
    if len(test) < 2:
        raise Wrong(texts("health_no_test"))
    interval_s = _seconds(parsed.get("interval"), DEFAULT_S)
    noticed_s = interval_s * (parsed.get("retries") or DEFAULT_RETRIES)
    if noticed_s > MAX_NOTICED_S:
        raise Wrong(texts("health_rare", seconds=noticed_s, most=MAX_NOTICED_S))
    # `config` escapes each $ as $$
    return [one.replace("$$", "$") for one in test], _seconds(parsed.get("timeout"), DEFAULT_S)


def _seconds(duration: str | None, default_s: float) -> float:
    """Return the seconds of a duration as Compose writes it, such as 1m30s."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s|us|ns)", duration or "")
    return sum(float(count) * UNITS_S[unit] for count, unit in parts) or default_s


def last_line(output: str) -> str:
    """Return the last line of what a command printed."""
    return (output.strip() or texts("health_silent")).splitlines()[-1]
