"""Requests that Schemathesis generates from an OpenAPI document."""

import functools
import json

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)


@functools.cache
def generate(document: str, mode: GenerationMode) -> list[schemathesis.Case]:
    """Return requests that an OpenAPI document allows, or forbids.

    Cached, because the services have the same document, and because it takes longer to generate
    the requests than to send them.
    """
    schema, cases = schemathesis.openapi.from_dict(json.loads(document)), []
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not len(operation.body):
            continue  # a request without a body cannot be invalid

        @QUIET
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case: schemathesis.Case) -> None:
            cases.append(case)

        collect()
    return cases
