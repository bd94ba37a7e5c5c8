"""One outage seen twice: by the client that sends requests, and by Prometheus, which asks the API
for its metrics.

Where there is no program `prometheus` or no Docker, the outage is one that was recorded.
"""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

from hostlab.errors import StartFailed
from hostlab.measure.load.generator import OpenLoad
from hostlab.methods.docker.deployment import Docker
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from notebooks.lessons.live import wait
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("prometheus")

RECORDED = Path(__file__).parent / "recorded_outage.json"
RULES = COURSE / "monitoring" / "rules"
ALERT = "FailedRequests"
SHARE = 'job:hostlab_errors:ratio_rate1m{job="api-service"}'
# Shorter than the project's own times, which are for months and not for half a minute.
TIMES = {r"\[1m\]": "[5s]", r"for: 1m": "for: 2s"}
BEFORE_S, AFTER_S = 3.0, 5.0
RATE_PER_S = 10.0
TIMEOUT_S = 30.0
STEP_S = 0.5  # between two values of a query
# Ends Prometheus when its own standard input closes, even if the notebook is killed.
GUARD = """
import subprocess, sys
process = subprocess.Popen(sys.argv[1:])
sys.stdin.read()
process.terminate()
process.wait()
"""
Series = list[tuple[float, float]]  # seconds since the load began, and a value


@dataclass(frozen=True)
class Outage:
    """What both of them saw. All times are in seconds since the load began.

    `succeeded` and `failed` are when responses arrived. `share` is the share of failed requests as
    Prometheus computes it, from 0 to 1. `up` is 1 where the API's metrics could be read. `alert` is
    1 where the alert was pending, and 2 where it fired. `events` has the times of the kill and of
    the moment when all containers were healthy again.
    """

    succeeded: list[float]
    failed: list[float]
    share: Series
    up: Series
    alert: Series
    events: dict[str, float]
    limit: float


def rule_text() -> str:
    """Return the project's alert on failed requests, as deployments/monitoring has it."""
    text = (RULES / "alerts.yml").read_text(encoding="utf-8")
    [rule] = re.findall(rf"( +- alert: {ALERT}\n(?: +.*\n)+)", text)
    return str(rule).rstrip()


def watch_a_kill(service: Docker) -> Outage:
    """Kill the only model container under ten requests per second, and return what both saw.

    Without Docker or Prometheus, return an outage that was recorded, and say so.
    """
    if service.missing_tools() or not shutil.which("prometheus"):
        print(texts("recorded"))
        data = json.loads(RECORDED.read_text(encoding="utf-8"))
        return Outage(**data)
    with (
        _prometheus(service.url) as address,
        OpenLoad(service.url, rate_per_s=RATE_PER_S, arrivals="constant", timeout_s=5) as load,
    ):
        wait(BEFORE_S, texts("all_well"))
        load.mark("kill")
        service.kill()
        service.start(progress=print)
        load.mark("healthy")
        wait(AFTER_S, texts("afterwards"))
        began_s, ended_s = time.time() - load.elapsed_s, time.time()

        def series(query: str) -> Series:
            return [
                (round(at_s - began_s, 2), value)
                for at_s, value in _query(address, query, began_s, ended_s)
            ]

        alert = f'{{alertname="{ALERT}", job="api-service"'
        states = [
            (at_s, float(value))
            for value, state in ((1, "pending"), (2, "firing"))
            for at_s, _ in series(f'ALERTS{alert}, alertstate="{state}"}}')
        ]
        share, up = series(SHARE), series('up{job="api-service"}')
    came = [(round(one.came_s, 2), one.status == 200) for one in load.samples]
    return Outage(
        succeeded=[at_s for at_s, good in came if good],
        failed=[at_s for at_s, good in came if not good],
        share=share,
        up=up,
        alert=sorted(states),
        events={name: round(at_s, 2) for name, at_s in load.events.items()},
        limit=_limit(),
    )


def record(outage: Outage) -> None:
    """Keep an outage for machines without Docker or Prometheus."""
    RECORDED.write_text(json.dumps(asdict(outage)) + "\n", encoding="utf-8")


def _limit() -> float:
    """Return the share of failed requests above which the alert fires."""
    [limit] = re.findall(r"expr: .* > ([\d.]+)", rule_text())
    return float(limit)


def _rules() -> list[dict[str, Any]]:
    """Return the groups of rules that the alert needs, with shorter times."""
    groups: list[dict[str, Any]] = []
    for name in ("recording.yml", "alerts.yml"):
        text = (RULES / name).read_text(encoding="utf-8")
        for pattern, shorter in TIMES.items():
            text = re.sub(pattern, shorter, text)
        groups += yaml.safe_load(text)["groups"]
    for group in groups:
        group["rules"] = [one for one in group["rules"] if one.get("alert", ALERT) == ALERT]
    return [group for group in groups if group["rules"]]


@contextlib.contextmanager
def _prometheus(url: str) -> Iterator[str]:
    """Run Prometheus for the API at `url` for the duration of the block, and yield its address.

    Raises StartFailed.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, log = Path(name), Path(name) / "log"
        # JSON is YAML, too.
        (folder / "rules.yml").write_text(json.dumps({"groups": _rules()}), encoding="utf-8")
        jobs = [
            {"job_name": "api-service", "static_configs": [{"targets": [urlsplit(url).netloc]}]}
        ]
        often = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        settings = {"global": often, "rule_files": ["rules.yml"], "scrape_configs": jobs}
        (folder / "prometheus.yml").write_text(json.dumps(settings), encoding="utf-8")
        command = [
            *(sys.executable, "-c", GUARD, "prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            print(texts("starting"))
            _wait_until_it_asks(address, process, log)
            yield address
        finally:
            process.communicate()  # closes the standard input


def _wait_until_it_asks(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when Prometheus has asked the API for the first time, five seconds after it began."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if _query(address, "up == 1", time.time() - 1, time.time()):
                return
        time.sleep(0.1)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
    raise StartFailed(texts("no_figures", seconds=TIMEOUT_S), tail)


def _query(address: str, query: str, began_s: float, ended_s: float) -> Series:
    """Return the values of a query for each STEP_S; none where there is no value."""
    parameters = {"query": query, "start": f"{began_s}", "end": f"{ended_s}", "step": f"{STEP_S}"}
    response = requests.get(f"{address}/api/v1/query_range", params=parameters, timeout=10)
    response.raise_for_status()
    found = response.json()["data"]["result"]
    values = found[0]["values"] if found else []
    return [(float(at_s), float(value)) for at_s, value in values if value != "NaN"]
