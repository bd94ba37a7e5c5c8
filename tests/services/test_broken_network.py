"""Faults of the network between a gateway and its model, and between the API and its provider.

For each fault: the status that the client gets, that it comes before the deadline, that the next
request is answered, and that nothing is left of the one that failed.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
import requests

from deployments.api.config import ProviderSettings
from deployments.api.hosted_model import HostedModel
from deployments.services.application import Predictor
from deployments.services.gateway import Gateway
from tests.api.scripted import ScriptedProvider
from tests.services.fault_proxy import FaultProxy, fault_proxy
from tests.services.serving import Service, serving

TIMEOUT_S = 1.0
MARGIN_S = 1.0  # for a busy machine
STATUS = {
    "latency": (200,),
    "reset": (502, 504),  # 504 if the time for another try is over
    "truncation": (502, 504),
    "black hole": (504,),
    "slow body": (504,),
    "garbage": (502, 504),
}


def gateway(proxy: FaultProxy) -> Predictor:
    return Gateway(f"http://127.0.0.1:{proxy.port}", TIMEOUT_S)


def hosted_model(proxy: FaultProxy) -> Predictor:
    settings = replace(
        ProviderSettings.from_environment(),
        base_url=f"http://127.0.0.1:{proxy.port}/v1",
        model="m",
        labels=("POSITIVE", "NEGATIVE"),
        route="decisions",
    )
    return HostedModel(settings, TIMEOUT_S, queue_limit=64)


@pytest.fixture(params=["gateway", "api"])
def behind_proxy(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[FaultProxy, Service]]:
    """A service that asks another one through a proxy, and the proxy."""
    with contextlib.ExitStack() as stack:
        if request.param == "gateway":
            port, predictor = stack.enter_context(serving(caplog)).port, gateway
        else:
            provider = ScriptedProvider()
            stack.callback(provider.stop)
            port, predictor = provider.port, hosted_model
        proxy = stack.enter_context(fault_proxy(port))
        yield proxy, stack.enter_context(serving(caplog, predictor(proxy)))


@pytest.mark.parametrize("fault", STATUS)
def test_a_fault(behind_proxy: tuple[FaultProxy, Service], fault: str) -> None:
    proxy, service = behind_proxy

    def ask() -> requests.Response:
        return requests.post(f"{service.url}/predict", json={"text": "good"}, timeout=10)

    assert ask().status_code == 200
    for faulty in (fault, None):
        proxy.fault, began = faulty, time.monotonic()
        response = ask()
        took_s = time.monotonic() - began
        assert response.status_code in (STATUS[fault] if faulty else (200,)), response.text
        assert took_s < TIMEOUT_S + MARGIN_S
        if response.status_code != 200:
            problem = response.json()
            assert problem["request_id"] == response.headers["X-Request-ID"]
            assert "Traceback" not in response.text
    assert service.in_progress() == 0
    assert connections_to(proxy.port) <= 1, "the one that is kept for the next request"


def connections_to(port: int) -> int:
    """Return how many connections this process has opened to a port and not closed."""
    found = psutil.Process().net_connections("tcp")
    return sum(bool(one.raddr) and one.raddr.port == port for one in found)
