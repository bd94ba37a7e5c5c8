"""A real Prometheus, and a copy of the project's configuration that does not take minutes.

The rules are those of deployments/monitoring, with shorter times: test_rules.py tests the real
times, without waiting for them.
"""

import contextlib
import json
import math
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
import yaml

from hostlab.runtime import state
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port

FOLDER = COURSE / "monitoring"
DASHBOARD = FOLDER / "grafana" / "dashboard.json"
RECORDED = {"recording.yml": 9, "alerts.yml": 5, "docker.yml": 1}  # rules in each file
TIMES = {
    r"(scrape|evaluation|refresh)_(interval|timeout): \d+s": r"\1_\2: 1s",
    r"for: \d+[sm]$": "for: 2s",
    r"\[1m\]": "[5s]",
    r"\[10m\]": "[20s]",
}
TIMEOUT_S = 90


def quick(text: str) -> str:
    """Return a configuration or rules with shorter times."""
    for pattern, shorter in TIMES.items():
        text = re.sub(pattern, shorter, text, flags=re.MULTILINE)
    return text


def copy_quick(folder: Path) -> None:
    """Copy deployments/monitoring, with shorter times."""
    for file in FOLDER.rglob("*"):
        if file.is_file():
            target = folder / file.relative_to(FOLDER)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(quick(file.read_text("utf-8")), "utf-8")


def dashboard_queries() -> list[str]:
    """Return the query of each panel, as Grafana sends it for a short time range."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    return [one.replace("$__rate_interval", "5s") for one in queries]


class Prometheus:
    """What a running Prometheus knows. `ask` sends a path and parameters to its API."""

    def __init__(self, ask: Callable[[str, dict[str, str]], str]) -> None:
        self._ask = ask

    def get(self, path: str, **parameters: str) -> dict:
        """Return the data of a response of its API."""
        return json.loads(self._ask(f"/api/v1/{path}", parameters))["data"]

    def query(self, expression: str) -> list[dict]:
        """Return the series and their values now, without those that are not numbers."""
        found = self.get("query", query=expression)["result"]
        return [one for one in found if math.isfinite(float(one["value"][1]))]

    def firing(self) -> set[tuple[str, str]]:
        """Return the alerts that fire, each with its job."""
        alerts = self.query('ALERTS{alertstate="firing"}')
        return {(one["metric"]["alertname"], one["metric"]["job"]) for one in alerts}

    def up(self, job: str) -> list[str]:
        """Return the instances of a job that respond."""
        return sorted(one["metric"]["instance"] for one in self.query(f'up{{job="{job}"}} == 1'))

    def rules(self) -> dict[str, int]:
        """Return how many rules each file has that Prometheus evaluates without an error."""
        groups = self.get("rules")["groups"]
        counted = dict.fromkeys((Path(group["file"]).name for group in groups), 0)
        for group in groups:
            counted[Path(group["file"]).name] += sum(it["health"] == "ok" for it in group["rules"])
        return counted


def until(condition: Callable[[], bool], what: Callable[[], object]) -> None:
    """Wait until a condition is true; `what` says at the end what was there instead."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


def until_firing(prometheus: Prometheus, *expected: tuple[str, str]) -> None:
    """Wait until these alerts fire."""
    until(lambda: prometheus.firing() >= set(expected), prometheus.firing)


def until_quiet(prometheus: Prometheus) -> None:
    """Wait until no alert fires."""
    until(lambda: not prometheus.firing(), prometheus.firing)


@contextlib.contextmanager
def watching(folder: Path, targets: dict[str, str]) -> Iterator[Prometheus]:
    """Run Prometheus with processes.yml and these targets, by their jobs, until the block ends."""
    copy_quick(folder)
    file, port = folder / "processes.yml", free_port()
    configuration = yaml.safe_load(file.read_text("utf-8"))
    for job in configuration["scrape_configs"]:
        job["static_configs"] = [{"targets": [targets[job["job_name"]]]}]
    file.write_text(yaml.safe_dump(configuration), "utf-8")
    options = {
        "config.file": file,
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
    with open(state.home() / "prometheus.log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"

        def ready() -> bool:
            with contextlib.suppress(requests.ConnectionError):
                return requests.get(f"{url}/-/ready", timeout=5).status_code == 200
            return False

        until(ready, lambda: (state.home() / "prometheus.log").read_text("utf-8"))
        yield at(url)
    finally:
        process.terminate()
        process.wait(timeout=10)


def at(url: str) -> Prometheus:
    """Return the Prometheus at an address."""

    def ask(path: str, parameters: dict[str, str]) -> str:
        return requests.get(url + path, params=parameters, timeout=10).text

    return Prometheus(ask)
