"""The configuration, the rules, the dashboard, and the metrics, without a running service."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import requests
import yaml

from hostlab.runtime.paths import COURSE, ROOT
from tests.conftest import require
from tests.monitoring.watching import DASHBOARD, FOLDER, dashboard_queries
from tests.services.serving import serving

pytestmark = pytest.mark.prometheus
OVERLAY = COURSE / "kubernetes" / "overlays" / "monitoring"


def promtool(*arguments: str, text: str | None = None) -> None:
    """Run promtool; what it finds is the message of the failure."""
    done = subprocess.run(
        ["promtool", *arguments], input=text, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["prometheus.yml", "processes.yml"])
def test_the_configuration_is_valid_and_finds_its_rules(name: str) -> None:
    promtool("check", "config", str(FOLDER / name))


def test_the_configuration_for_kubernetes_is_valid(tmp_path: Path) -> None:
    """Debian's Prometheus is built without the discovery of pods, so vmagent checks that part."""
    require("vmagent", named="prometheus")
    configuration = yaml.safe_load((OVERLAY / "prometheus.yml").read_text("utf-8"))
    pods = tmp_path / "pods.yml"
    pods.write_text(yaml.safe_dump({"scrape_configs": configuration["scrape_configs"]}), "utf-8")
    subprocess.run(["vmagent", "-dryRun", f"-promscrape.config={pods}"], check=True, timeout=60)
    del configuration["scrape_configs"][0]["kubernetes_sd_configs"]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configuration), "utf-8")
    for name in ("recording.yml", "alerts.yml"):  # in the pod, all are in one folder
        assert name in configuration["rule_files"]
        (tmp_path / name).write_text((FOLDER / "rules" / name).read_text("utf-8"), "utf-8")
    promtool("check", "config", str(tmp_path / "prometheus.yml"))


def test_each_alert_fires_when_its_condition_has_held_and_ends_with_it() -> None:
    promtool("test", "rules", str(ROOT / "tests" / "monitoring" / "rules.yml"))


def test_each_rule_has_a_test() -> None:
    tests = (ROOT / "tests" / "monitoring" / "rules.yml").read_text("utf-8")
    rules = "".join(file.read_text("utf-8") for file in (FOLDER / "rules").iterdir())
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert len(alerts) == 6 and [one for one in alerts if f"alertname: {one}" not in tests] == []
    assert all(f"alertname: {one}\n        exp_alerts" in tests for one in alerts)


def test_metrics_follow_the_conventions(caplog: pytest.LogCaptureFixture) -> None:
    with serving(caplog) as service:
        requests.post(f"{service.url}/predict", json={"text": "fine"}, timeout=10)
        text = requests.get(f"{service.url}/metrics", timeout=10).text
    assert "hostlab_request_duration_seconds_bucket" in text
    promtool("check", "metrics", text=text)


def test_the_dashboard_asks_the_provisioned_source_and_panels_do_not_overlap() -> None:
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    source = (FOLDER / "grafana" / "datasource.yml").read_text("utf-8")
    assert len(dashboard_queries()) >= 20
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        assert f"uid: {panel['datasource']['uid']} " in source
        at = panel["gridPos"]
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
