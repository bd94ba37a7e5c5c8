"""A real Prometheus watches two real programs: each alert fires when its fault is made and ends
when the fault is over, and each query of the dashboard has an answer.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest
import requests

from tests.contract.programs import ByHand, wait_until_ready
from tests.monitoring.watching import (
    RECORDED,
    Prometheus,
    dashboard_queries,
    until,
    until_firing,
    until_quiet,
    watching,
)

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(sys.platform == "win32", reason="suspends a process with SIGSTOP"),
]
LONG = "not a good film " * 60


@pytest.fixture(scope="module")
def model() -> Iterator[ByHand]:
    program = ByHand("separate_process/model_service.py", QUEUE_LIMIT="64", MODEL_THREADS="1")
    with program as url:
        wait_until_ready(url)
        yield program


@pytest.fixture(scope="module")
def api(model: ByHand) -> Iterator[ByHand]:
    # A request to a suspended model fails after 0.7 s: later than the bound of SlowResponses
    program = ByHand(
        "separate_process/api_service.py", MODEL_URL=model.url, UPSTREAM_TIMEOUT_S="0.7"
    )
    with program as url:
        wait_until_ready(url)
        yield program


@pytest.fixture(scope="module")
def prometheus(
    model: ByHand, api: ByHand, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    targets = {
        "model-service": f"127.0.0.1:{model.port}",
        "api-service": f"127.0.0.1:{api.port}",
    }
    with watching(tmp_path_factory.mktemp("prometheus"), targets) as prometheus:
        until(lambda: len(prometheus.query("up == 1")) == 2, lambda: prometheus.query("up"))
        yield prometheus


@contextlib.contextmanager
def load(url: str, users: int, texts: str | list[str], pause_s: float = 0.02) -> Iterator[None]:
    """Send requests from several threads until the block ends."""
    ended = threading.Event()

    def send() -> None:
        with requests.Session() as session:
            while not ended.wait(pause_s):
                session.post(f"{url}/predict", json={"text": texts}, timeout=60)

    threads = [threading.Thread(target=send) for _ in range(users)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_every_rule_is_loaded_and_nothing_fires_while_all_is_well(
    prometheus: Prometheus, api: ByHand
) -> None:
    expected = {name: RECORDED[name] for name in ("recording.yml", "alerts.yml")}
    with load(api.url, 2, "fine"):
        until(lambda: prometheus.rules() == expected, prometheus.rules)
        until(
            lambda: bool(prometheus.query("job:hostlab_batch_texts:mean1m")),
            lambda: prometheus.query("hostlab_batch_texts_count"),
        )
    assert prometheus.firing() == set()


def test_a_model_that_hangs_is_noticed_as_users_notice_it_and_by_itself(
    prometheus: Prometheus, model: ByHand, api: ByHand
) -> None:
    with load(api.url, 4, "fine"):
        os.kill(model.process.pid, signal.SIGSTOP)
        try:
            until_firing(
                prometheus,
                ("SlowResponses", "api-service"),
                ("FailedRequests", "api-service"),
                ("ServiceDown", "model-service"),
                ("ReplicaDown", "model-service"),
            )
        finally:
            os.kill(model.process.pid, signal.SIGCONT)
        until_quiet(prometheus)


def test_a_full_queue_is_noticed(prometheus: Prometheus, model: ByHand) -> None:
    with load(model.url, 12, [LONG] * 8):
        until_firing(prometheus, ("QueueNearlyFull", "model-service"))
        assert prometheus.query("job:hostlab_batch_texts:mean1m")
    until_quiet(prometheus)


def test_every_query_of_the_dashboard_has_an_answer(prometheus: Prometheus, api: ByHand) -> None:
    answered: set[str] = set()

    def without_answer() -> list[str]:
        answered.update(one for one in dashboard_queries() if prometheus.query(one))
        return [one for one in dashboard_queries() if one not in answered]

    with load(api.url, 2, "fine"):
        until(lambda: set(without_answer()) <= {'ALERTS{alertstate="firing"}'}, without_answer)
