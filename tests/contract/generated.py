"""Requests that Schemathesis generates from an OpenAPI document."""

import functools
import json

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode


@functools.cache
def generate(
    document: str, mode: GenerationMode, requests: int, random_seed: int
) -> list[schemathesis.Case]:
    """Return requests that an OpenAPI document allows, or forbids: up to `requests` for each path.

    Cached, because the services have the same document, and because it takes longer to generate
    the requests than to send them.
    """
    schema, cases = schemathesis.openapi.from_dict(json.loads(document)), []
    for found in schema.get_all_operations():
        operation = found.ok()
        has_body = len(operation.body) > 0
        if mode is GenerationMode.NEGATIVE and not has_body:
            continue  # a request without a body cannot be invalid

        @seed(random_seed)
        @settings(
            max_examples=requests if has_body else 1,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case: schemathesis.Case) -> None:
            cases.append(case)

        collect()
    return cases


def neutral(document: dict[str, object]) -> str:
    """Return an OpenAPI document without what differs between the methods."""
    return json.dumps(document | {"info": {"title": "any", "version": "1"}}, sort_keys=True)
