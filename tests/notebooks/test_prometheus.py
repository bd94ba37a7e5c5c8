"""The part of lesson 03 on Prometheus: its rules, and the outage that was recorded."""

import json
import shutil
import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from hostlab import get
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons import plots_prometheus, prometheus


@pytest.fixture
def recorded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> prometheus.Outage:
    monkeypatch.setattr(Docker, "missing_tools", lambda self: "There is no program `docker`.")
    outage = prometheus.watch_a_kill(get("docker"))
    assert "where the same kill was recorded" in capsys.readouterr().out
    return outage


def test_the_recorded_outage_shows_what_the_lesson_says(recorded: prometheus.Outage) -> None:
    killed_s = recorded.events["kill"]
    assert min(recorded.failed) > killed_s
    fired_s = [at_s for at_s, state in recorded.alert if state == 2]
    assert fired_s and min(fired_s) > min(recorded.failed) + 2, "first pending, then firing"
    assert max(share for _, share in recorded.share) > recorded.limit == 0.05
    assert {up for _, up in recorded.up} == {1.0}, "the API responds the whole time"


def test_its_plot(recorded: prometheus.Outage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plt, "show", lambda: None)
    plots_prometheus.draw(recorded)
    client, share, states = plt.gcf().axes
    heights = sum(bar.get_height() for bar in client.patches)
    assert heights * plots_prometheus.BIN_S == len(recorded.succeeded) + len(recorded.failed)
    assert len(share.lines[0].get_xdata()) == len(recorded.share)
    assert len(states.collections) == 3
    plt.close()


def test_an_outage_can_be_recorded_again(
    recorded: prometheus.Outage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = prometheus.RECORDED.read_text(encoding="utf-8")
    monkeypatch.setattr(prometheus, "RECORDED", tmp_path / "outage.json")
    prometheus.record(recorded)
    assert json.loads(prometheus.RECORDED.read_text(encoding="utf-8")) == json.loads(kept)


def test_the_rule_that_is_shown_is_the_one_that_is_evaluated_sooner(tmp_path: Path) -> None:
    assert prometheus.rule_text().lstrip().startswith("- alert: FailedRequests")
    assert "for: 1m" in prometheus.rule_text() and "summary" in prometheus.rule_text()
    groups = prometheus._rules()
    alerts = [one for group in groups for one in group["rules"] if "alert" in one]
    assert [(one["alert"], one["for"]) for one in alerts] == [("FailedRequests", "2s")]
    assert "[1m]" not in json.dumps(groups) and "[5s]" in json.dumps(groups)
    if shutil.which("promtool"):
        (tmp_path / "rules.yml").write_text(json.dumps({"groups": groups}), encoding="utf-8")
        subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yml"], check=True)
