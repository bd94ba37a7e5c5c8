"""The gateway's request and what it gets: no longer than the client's, and always understood."""

import json

from hypothesis import given
from hypothesis import strategies as st

from deployments.services.contract import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from deployments.services.gateway import encode_request
from deployments.services.model_response import (
    ModelResponse,
    read_identity,
    read_predictions,
    read_problem,
    read_replica,
)
from deployments.services.problems import Problem

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["title", "detail", "label", "score", "model", "status"]), inner
        )
    ),
)


def shortest(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_never_longer(texts: list[str]) -> None:
    sent = encode_request(texts)
    assert json.loads(sent)["text"] in (texts, texts[0])
    forms = [{"text": texts}] + ([{"text": texts[0]}] if len(texts) == 1 else [])
    assert len(sent) <= min(len(shortest(form)) for form in forms)


def test_the_largest_request_in_cyrillic_fits() -> None:
    assert len(encode_request(["я" * MAX_CHARACTERS] * MAX_TEXTS)) < MAX_BODY_BYTES


@given(
    st.sampled_from([200, 204, 302, 401, 404, 413, 422, 429, 500, 503]),
    st.binary() | JSON.map(lambda one: json.dumps(one).encode()),
    st.dictionaries(st.sampled_from(["retry-after", "X-Replica"]), st.text(st.characters())),
)
def test_a_foreign_answer_is_a_result_or_a_problem(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    response = ModelResponse(status, headers, body)
    problem = read_problem(response)
    assert problem.status in (413, 422, 429, 502, 503)
    json.dumps([problem.title, problem.detail], ensure_ascii=False).encode()
    assert "".join(read_replica(response).values()).isascii()
    for read in (lambda: read_predictions(response, 1), lambda: read_identity(response)):
        try:
            read()
        except Problem as found:
            assert found.status == 502
