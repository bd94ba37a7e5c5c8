"""Several people use one engine: each sees and stops their own runs, and whose the others are."""

from pathlib import Path

import pytest

from hostlab import get
from hostlab.cli import stop
from hostlab.methods.docker import compose
from hostlab.runtime import owner, state
from tests.unit.hostlab.methods.docker.conftest import Engine


def projects(engine: Engine) -> set[str]:
    return {one["Labels"]["com.docker.compose.project"] for one in engine.containers.values()}


def test_the_run_of_somebody_else_is_shown_with_its_owner_and_not_used(engine: Engine) -> None:
    engine.run("111111111111", "anna.0123456789ab", 20_001)
    status = get("docker").status()
    assert (status.state, status.url, status.run_id) == ("stopped", None, None)
    assert status.reason == "anna runs it here, too: http://127.0.0.1:20001."
    assert get("docker").components() == []


def test_ones_own_run_comes_first_whatever_is_older(engine: Engine) -> None:
    engine.run("111111111111", "anna.0123456789ab", 20_001)
    engine.run("222222222222", owner.label(), 20_002)
    status = get("docker").status()
    assert (status.state, status.url) == ("running", "http://127.0.0.1:20002")


def test_a_recorded_run_is_ones_own_whatever_its_label(engine: Engine) -> None:
    engine.run("222222222222", "me.ofanotherhost", 20_002)
    state.write(state.Record("docker", "222222222222", "running", engine="onnx"))
    assert get("docker").status().run_id == "222222222222"


def test_down_all_ends_ones_own_run_and_nobody_elses(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.run("111111111111", "anna.0123456789ab", 20_001)
    engine.run("222222222222", owner.label(), 20_002)
    engine.run("", "", 20_003, project=compose.BY_HAND)
    stop.down(all_=True)
    stop.down(["docker"])  # named: also what was started by hand
    assert projects(engine) == {"hosting-lab-111111111111"}
    stop.down(["docker"])
    assert "docker does not run. anna runs it here, too" in capsys.readouterr().err
    get("docker").stop()
    get("docker").end_run("111111111111")
    assert projects(engine) == {"hosting-lab-111111111111"}


def test_down_everybody_ends_the_runs_of_all(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.run("111111111111", "anna.0123456789ab", 20_001)
    engine.run("333333333333", "boris.0123456789ab", 20_003)
    stop.down(["docker"], everybody=True)
    assert projects(engine) == set()
    assert "docker of anna is stopped." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ("anna", "anna"),
        ("Анна Б", "user"),
        ("a@b c", "a-b-c"),
        ("x" * 300, "x" * 40),
        ("-_", "user"),
    ],
)
def test_the_label_fits_kubernetes_and_differs_by_user_and_home(
    user: str, shown: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    labels = set()
    for home in ("one", "other"):
        monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path / home))
        for name in (user, f"{user}2"):
            monkeypatch.setenv("LOGNAME", name)
            labels.add(owner.label())
    assert len(labels) == 4
    monkeypatch.setenv("LOGNAME", user)
    label = owner.label()
    assert len(label) <= 63 and label.isascii() and label[0].isalnum() and label[-1].isalnum()
    assert owner.is_mine(label) and owner.is_mine(None) and not owner.is_mine("anna.0")
    assert label.rpartition(".")[0] == shown
    assert "another HOSTLAB_HOME" in owner.phrase(f"{shown}.0123456789ab")
