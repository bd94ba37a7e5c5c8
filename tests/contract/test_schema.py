"""Schemathesis reads /openapi.json and sends what nobody would think of: no 500, no undocumented status, no wrong body."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from deployments.base import Deployment

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate], derandomize=True)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_answers_are_as_documented(service: Deployment, mode: GenerationMode) -> None:
    """With what the schema allows, and with what it forbids."""
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not len(operation.body):
            continue  # a request that takes nothing has nothing that could be wrong

        @QUIET
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate()

        check()
