"""When pods do not start, the error says why in a sentence, and nothing is left behind."""

import pytest

from hostlab import get
from hostlab.errors import StartFailed
from hostlab.methods.kubernetes import rollout

pytestmark = [pytest.mark.kubernetes, pytest.mark.usefixtures("nothing_left")]


def failure() -> str:
    with pytest.raises(StartFailed, match="kubernetes did not start") as error:
        get("kubernetes").start()
    assert get("kubernetes").status().state == "stopped"
    return str(error.value)


def test_a_wrong_image_tag(edited):
    edited(
        "model-deployment.yaml", "hosting-lab/model-service:1.0", "hosting-lab/model-service:1.O"
    )
    message = failure()
    assert "The image hosting-lab/model-service:1.O" in message and "was not found" in message
    assert "Build it with that tag" in message


def test_a_broken_model(edited):
    edited(
        "kustomization.yaml", "    literals:\n", "    literals:\n      - MODEL_ID=/no/such/model\n"
    )
    message = failure()
    assert " crashes " in message and "exit status 1" in message
    assert "MODEL_ID is '/no/such/model'" in message, "the last log lines"
    assert ", until it ended\n" in message, "and not only those of the program that was restarted"


def test_no_room(edited):
    edited("model-deployment.yaml", "cpu: 200m", "cpu: 999")
    edited("model-deployment.yaml", 'cpu: "1"\n', "cpu: 999\n")
    message = failure()
    assert "No node takes" in message and "Insufficient cpu" in message


def test_a_probe_that_fails(edited, monkeypatch):
    edited("api-deployment.yaml", "path: /ready", "path: /reddy")
    monkeypatch.setattr(rollout, "TIMEOUT_S", 20.0)
    message = failure()
    assert (
        "is not ready" in message
        and "Readiness probe failed: HTTP probe failed with statuscode: 404" in message
    )
