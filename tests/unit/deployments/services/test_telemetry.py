"""The metrics: their number is bounded, and what they count is what their help says."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from prometheus_client import REGISTRY

from deployments.services import telemetry
from deployments.services.telemetry import ROUTES, SECONDS, describe_build, record


def series() -> Iterator[tuple[str, dict[str, str]]]:
    for family in REGISTRY.collect():
        for sample in family.samples:
            if sample.name.startswith("hostlab_"):
                yield sample.name, sample.labels


def errors(route: str) -> float:
    return REGISTRY.get_sample_value("hostlab_errors_total", {"route": route})


def test_clients_cannot_create_series() -> None:
    record("GET", "/0", 404, 0.1, "a")
    before = len(list(series()))
    for number in range(1000):
        record("GET", f"/{number}", 404, 0.1, f"request-{number}")
        record(f"METHOD-{number}", "/0", 404, 0.1, "a")
    assert len(list(series())) == before
    ours = ("hostlab_request", "hostlab_errors")  # the routes of `api` lead to a provider
    routes = {labels["route"] for name, labels in series() if name.startswith(ours)}
    assert routes <= ROUTES | {telemetry.OTHER}


@pytest.mark.parametrize(("status", "more"), [(200, 0), (404, 0), (499, 0), (500, 1), (503, 1)])
def test_an_error_is_what_the_service_failed_and_not_what_the_client_did_wrong(
    status: int, more: int
) -> None:
    before = errors("/predict")
    record("POST", "/predict", status, 0.1, "a")
    assert errors("/predict") == before + more


def test_each_route_begins_with_no_errors() -> None:
    assert all(errors(route) is not None for route in ROUTES)


def test_buckets_resolve_what_a_request_takes() -> None:
    resolved = [bound for bound in SECONDS if 0.005 <= bound <= 5]
    assert (resolved[0], resolved[-1]) == (0.005, 5)
    assert max(later / earlier for earlier, later in pairwise(resolved)) <= 1.7


def test_one_series_says_what_runs_also_after_the_model_has_changed() -> None:
    describe_build("1.0", "docker", None, None)
    describe_build("1.1", "docker", "sst2", "onnx")
    expected = {"version": "1.1", "method": "docker", "model": "sst2", "engine": "onnx"}
    assert [labels for name, labels in series() if name == "hostlab_build_info"] == [expected]


def test_no_series_has_a_second_one_for_the_time_of_its_creation() -> None:
    record("GET", "/health", 200, 0.1, "a")
    assert [name for name, _ in series() if name.endswith("_created")] == []
