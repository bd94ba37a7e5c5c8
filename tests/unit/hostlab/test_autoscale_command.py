"""`hostlab autoscale`: what it asks before it installs anything, and what `hostlab status` says."""

import pytest
from typer.testing import CliRunner

from hostlab.cli import autoscale, start_and_predict
from hostlab.cli.app import cli
from hostlab.errors import NoMetrics
from hostlab.types import Autoscaler, Status


class Stub:
    """A deployment whose cluster has no metrics server, and which notes how it was called."""

    method = "kubernetes"

    def __init__(self) -> None:
        self.calls: list[object] = []

    def autoscale(self, *, install_metrics: bool, progress: object, **options: int) -> None:
        if not install_metrics:
            raise NoMetrics("There is no metrics server.", "It would be installed.")
        self.calls.append(options)

    def autoscale_off(self, progress: object) -> None:
        self.calls.append("off")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    deployment = Stub()
    monkeypatch.setattr(autoscale, "get", lambda method: deployment)
    return deployment


@pytest.mark.parametrize(
    ("at_a_terminal", "answer", "installed"),
    [(True, "y\n", True), (True, "n\n", False), (True, "", False), (False, "y\n", False)],
)
def test_a_metrics_server_is_installed_only_with_consent(
    stub, monkeypatch, at_a_terminal, answer, installed
):
    monkeypatch.setattr(autoscale, "_may_ask", lambda: at_a_terminal)
    done = CliRunner().invoke(cli, ["autoscale", "kubernetes", "--max", "3"], input=answer)
    assert (done.exit_code == 0) is installed
    assert ("It would be installed. Install it?" in done.output) is at_a_terminal
    bounds = {"minimum": 1, "maximum": 3, "cpu_percent": 60}
    assert stub.calls == ([bounds] if installed else [])


def test_an_option_is_consent_and_off_turns_it_off(stub):
    run = CliRunner().invoke
    assert run(cli, ["autoscale", "kubernetes", "--install-metrics"]).exit_code == 0
    assert run(cli, ["autoscale", "kubernetes", "off"]).exit_code == 0
    assert [type(call) for call in stub.calls] == [dict, str]


def test_status_says_what_it_does_and_that_the_usage_is_not_known_at_first():
    scaler = Autoscaler(1, 4, 60, None, 1, 1, "The CPU usage is not known yet.")
    note = start_and_predict._note(Status("kubernetes", "running", autoscaler=scaler))
    assert "started by hand; autoscaling 1 to 4 replicas: CPU unknown" in note
    assert "1 of 1 ready. The CPU usage is not known yet." in note
