"""Schemathesis reads /openapi.json and sends what nobody would think of: no 500, no undocumented status, no wrong body."""

import schemathesis
from hypothesis import HealthCheck, Phase, settings

from deployments.base import Deployment

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], derandomize=True)


def test_answers_are_as_documented(service: Deployment) -> None:
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    for operation in schema.get_all_operations():
        run = settings(QUIET)(_given(operation.ok()))
        run()


def _given(operation):
    from hypothesis import given

    @given(case=operation.as_strategy())
    def check(case) -> None:
        case.call_and_validate()

    return check
