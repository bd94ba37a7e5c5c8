"""What a provider says, in its own words, and what its client gets for it."""

import pytest

from deployments.api.error_mapping import classify_error
from tests.api import imitations, scripted
from tests.api.in_process import imitated, predict
from tests.api.scripted import Action, ReceivedRequest

TOO_LONG = "The text is too long for the provider's model"
REFUSED = "The provider rejects the text"
VLLM = (
    "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens "
    "(112946 in the messages, 10000 in the completion). Please reduce the length of the messages."
)


def said(status: int, body: object) -> Action:
    return scripted.reply(status, body)


def openai_like(status: int, message: str, **more: object) -> Action:
    return said(status, {"error": {"message": message} | more})


TABLE: dict[str, tuple[Action, int, str]] = {
    # vllm-project/vllm#20409 and #37011: the code is a number
    "vLLM, old": (
        said(400, {"object": "error", "message": VLLM, "type": "BadRequestError", "code": 400}),
        422,
        TOO_LONG,
    ),
    "vLLM": (openai_like(400, VLLM, type="BadRequestError", param=None, code=400), 422, TOO_LONG),
    "vLLM, engine": (
        openai_like(400, "Input prompt (35247 tokens) is too long and exceeds limit of 1000"),
        422,
        TOO_LONG,
    ),
    # ggml-org/llama.cpp#15780; oobabooga/textgen#7257: with status 200
    **{
        f"llama.cpp, {status}": (
            openai_like(
                status,
                "the request exceeds the available context size, try increasing it",
                code=400,
                type="exceed_context_size_error",
                n_prompt_tokens=1407,
                n_ctx=256,
            ),
            422,
            TOO_LONG,
        )
        for status in (400, 500, 200)
    },
    # lmstudio-ai/lmstudio-bug-tracker#237; anomalyco/opencode#11141
    "LM Studio": (
        said(
            400,
            {
                "error": "Trying to keep the first 15857 tokens when context the overflows. "
                "However, the model is loaded with context length of only 4096 tokens"
            },
        ),
        422,
        TOO_LONG,
    ),
    "LM Studio, new": (
        said(400, {"error": "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)"}),
        422,
        TOO_LONG,
    ),
    "Mistral": (
        said(
            400,
            {
                "object": "error",
                "message": "Prompt contains 33000 tokens and 0 draft tokens, too large for model "
                "with 32768 maximum context length",
                "type": "invalid_request_error",
                "code": "3051",
            },
        ),
        422,
        TOO_LONG,
    ),
    "llama-cpp-python": (
        openai_like(400, "Requested tokens (516) exceed context window of 512"),
        422,
        TOO_LONG,
    ),
    "Anthropic": (openai_like(400, "prompt is too long: 210000 tokens > 200000"), 422, TOO_LONG),
    "Gemini": (
        said(
            400,
            [
                {
                    "error": {
                        "code": 400,
                        "message": "The input token count (40000) exceeds the maximum number of "
                        "tokens allowed (32768).",
                    }
                }
            ],
        ),
        422,
        TOO_LONG,
    ),
    "Groq": (openai_like(413, "Request too large", code="rate_limit_exceeded"), 422, TOO_LONG),
    "more tokens than a minute allows": (
        openai_like(429, "Request too large for m on tokens per min (TPM): Limit 10000"),
        422,
        TOO_LONG,
    ),
    # openai/openai-python#331
    "Azure's filter": (
        openai_like(
            400,
            "The response was filtered due to the prompt triggering Azure OpenAI's content "
            "management policy.",
            code="content_filter",
            param="prompt",
        ),
        502,
        REFUSED,
    ),
    "DeepSeek's filter": (
        openai_like(400, "Content Exists Risk", code="invalid_request_error"),
        502,
        REFUSED,
    ),
    "DeepSeek, no balance": (
        openai_like(402, "Insufficient Balance", code="invalid_request_error"),
        502,
        "The account has no credit left",
    ),
    "Ollama, no such model": (
        openai_like(404, 'model "m" not found, try pulling it first', type="api_error"),
        502,
        "The provider does not offer this",
    ),
    "a page of a proxy": (
        said(400, b"<html>nginx</html>"),
        502,
        "The provider rejected the request",
    ),
    "a text": (said(400, b"no"), 502, "The provider rejected the request"),
    "nothing": (said(400, b""), 502, "The provider rejected the request"),
    "null": (said(400, b"null"), 502, "The provider rejected the request"),
    "brackets": (said(400, b"[" * 100_000), 502, "The provider rejected the request"),
    "nested": (said(400, b"[" * 500 + b"]" * 500), 502, "The provider rejected the request"),
    "half a surrogate pair": (
        openai_like(400, "\ud800 \x1b[31m\nred"),
        502,
        "The provider rejected the request",
    ),
    "odd fields": (
        openai_like(400, "", code=[1], type={"a": None}, param=7),
        502,
        "The provider rejected the request",
    ),
}


@pytest.mark.parametrize(("action", "status", "title"), TABLE.values(), ids=TABLE)
@pytest.mark.parametrize("route", ["chat", "auto"])
def test_the_client_gets_the_reason(action: Action, status: int, title: str, route: str) -> None:
    def respond(seen: ReceivedRequest) -> Action:
        return action if seen.path == imitations.CHAT else scripted.error(404)

    with imitated(respond) as provider:
        [outcome] = predict(provider, "one", route=route, retries=2)
        assert outcome.problem is not None
        assert (outcome.status, outcome.problem.title) == (status, title), outcome.problem
        assert outcome.problem.detail.isprintable() and outcome.problem.detail.encode()
        if title in (TOO_LONG, REFUSED):
            chats = [seen for seen in provider.seen if seen.path == imitations.CHAT]
            assert len(chats) == 1, "neither a retry nor another route helps"
            assert "OPENAI_BASE_URL" not in outcome.problem.detail


def test_a_small_context_has_no_room_for_a_limit() -> None:
    """vLLM refuses a limit of tokens that does not fit; without one, it uses what is left."""

    def respond(seen: ReceivedRequest) -> Action:
        if "max_completion_tokens" not in seen.body:
            return scripted.chat("POSITIVE")
        return openai_like(
            400,
            "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum "
            "context length is 2048 tokens and your request has 100 input tokens "
            "(2048 > 2048 - 100).",
            code=400,
        )

    with imitated(respond) as provider:
        outcomes = predict(provider, "one", "two", route="plain")
        assert [one.predictions for one in outcomes] == [[("POSITIVE", None)]] * 2
        limits = ["max_completion_tokens" in seen.body for seen in provider.seen]
        assert limits == [True, False] * 2, "it depends on the text, so it is not kept"


@pytest.mark.parametrize(
    ("key", "message", "shown"),
    [
        ("to", "too many tokens, not to key", "too many tokens, not [key] key"),
        ("x", "Incorrect x in max: x.", "Incorrect [key] in max: [key]"),
        ("test", "latest test", "latest [key]"),
        ("none", "key='none', nonetheless", "key='[key]', nonetheless"),
        ("sk-0123456789", "Bearer_sk-0123456789abc", "Bearer_[key]abc"),
    ],
)
def test_a_short_key_is_not_cut_out_of_words(key: str, message: str, shown: str) -> None:
    with imitated(lambda seen: openai_like(400, message)) as provider:
        [outcome] = predict(provider, "one", route="chat", key=key)
        assert outcome.problem is not None and f": {shown}. " in outcome.problem.detail
    with imitated(lambda seen: scripted.chat(message)) as provider:
        [outcome] = predict(provider, "one", route="plain", key=key)
        assert outcome.problem is not None and repr(shown)[1:15] in outcome.problem.detail


def test_an_error_of_our_own_is_not_the_providers() -> None:
    assert classify_error(ZeroDivisionError(), "host", "key", 1.0) is None
