"""Whatever a provider sends, the client gets a label or a problem that says what to do."""

import asyncio
import json
from collections.abc import Coroutine, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployments.api.hosted_model import HostedModel
from deployments.services.problems import Problem
from tests.api import in_process, scripted
from tests.api.in_process import Imitation, imitated

LABELS = ("POSITIVE", "NEGATIVE")
STATUSES = [200] * 6 + [204, 206, 302, 400, 401, 403, 404, 413, 418, 422, 429, 500, 503, 529, 599]
CHECKED = (200, 422, 429, 502, 503, 504)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
)
words = st.sampled_from(
    ["POSITIVE", "</think>NEGATIVE", "<think>", "length", "stop", "context length"]
)
NAMES = (
    "error message code type param detail choices content finish_reason logprobs top_logprobs "
    "token logprob usage prompt_tokens completion_tokens answers choice probabilities value "
    "probability label data id"
)
names = st.sampled_from(NAMES.split())
documents = st.recursive(
    scalars | words,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(names, inside, max_size=5),
    max_leaves=25,
)
messages = st.fixed_dictionaries({"content": documents}, optional={"refusal": documents})
choices = st.fixed_dictionaries(
    {"message": messages | documents}, optional={"logprobs": documents, "finish_reason": documents}
)
# Mostly right, which gets further than a document that is random as a whole
completions = st.fixed_dictionaries(
    {"choices": st.lists(choices, min_size=1, max_size=2)},
    optional={"usage": documents, "error": documents},
)
bodies = (documents | completions).map(lambda document: json.dumps(document).encode()) | st.binary()
retry_after = st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


@pytest.fixture(scope="module")
def provider() -> Iterator[Imitation]:
    with imitated(lambda seen: scripted.error(404)) as server:
        yield server


def _in_a_service(provider: Imitation, route: str) -> Coroutine[object, object, list[int]]:
    async def run() -> list[int]:
        model = HostedModel(in_process.settings(provider.url, route=route), 5.0, queue_limit=64)
        await model.start()
        statuses = []
        for step in (lambda: model.predict(["text"], "id"), model.check):
            try:
                result = await step()
                assert result is None or result.predictions[0].label in LABELS
                statuses.append(200)
            except Problem as problem:
                assert problem.detail.isprintable() and problem.detail.encode()
                assert problem.detail.endswith(".") and len(problem.detail) < 900
                statuses.append(problem.status)
        await model.close()
        return statuses

    return run()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    body=bodies,
    status=st.sampled_from(STATUSES),
    wait=retry_after,
    route=st.sampled_from(["auto", "chat", "decisions", "systemone", "plain"]),
)
def test_no_answer_ends_in_an_error_of_ours(
    provider: Imitation, body: bytes, status: int, wait: str | None, route: str
) -> None:
    headers = {} if wait is None else {"Retry_After": wait}
    action = scripted.reply(status, body, **headers)
    provider._respond = lambda seen: action
    for found in asyncio.run(_in_a_service(provider, route)):
        assert found in CHECKED
