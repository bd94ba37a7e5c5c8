"""Errors about a key, an account, or its limits, from servers that have other codes for them."""

import pytest

from tests.api import imitations, scripted
from tests.api.imitations import server
from tests.api.in_process import check, imitated, predict
from tests.api.scripted import Action, ReceivedRequest

NO_QUOTA = "You exceeded your current quota, please check your plan and billing details."


def said(status: int, message: str, **more: object) -> Action:
    return scripted.reply(status, {"error": {"message": message} | more})


KEYS = {
    # continuedev/continue#10778
    "xAI": scripted.reply(400, {"error": "Incorrect API key provided: na***ys.", "code": "x"}),
    # cequence-io/openai-scala-client#109
    "Gemini": scripted.reply(
        400,
        [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}],
    ),
    # BerriAI/litellm#12273
    "LiteLLM": said(400, "No connected db.", type="no_db_connection", code="400"),
}
CREDIT = {
    "LiteLLM, of OpenAI": said(429, f"litellm.RateLimitError: {NO_QUOTA}", code="429"),
    "LiteLLM, of its own": said(
        422, "Budget has been exceeded! Current cost: 2, Max budget: 1", type="budget_exceeded"
    ),
    "OpenAI, not active": said(429, "Your account is not active, check your billing details."),
}


@pytest.mark.parametrize("rejected", KEYS.values(), ids=KEYS)
def test_a_key_that_is_rejected_with_400(rejected: Action) -> None:
    with imitated(server(rejected, rejected)) as provider:
        problem = check(provider)
        assert problem is not None and problem.title == "The provider does not accept the key"
    with imitated(lambda seen: rejected) as provider:
        [outcome] = predict(provider, "one")
        assert outcome.problem is not None and "OPENAI_API_KEY" in outcome.problem.detail
        assert len(provider.seen) == 1, "another route does not help"


@pytest.mark.parametrize("rejected", CREDIT.values(), ids=CREDIT)
def test_no_credit_without_its_code(rejected: Action) -> None:
    with imitated(lambda seen: rejected) as provider:
        [outcome] = predict(provider, "one", retries=2)
        assert outcome.problem is not None
        assert outcome.problem.title == "The account has no credit left"
        assert len(provider.seen) == 1, "neither a retry nor another route helps"


def test_geminis_limit_of_a_minute_is_no_lack_of_credit() -> None:
    """voideditor/void#557: the same words."""
    link = "https://ai.google.dev/gemini-api/docs/rate-limits"
    limited = scripted.reply(429, [{"error": {"message": f"{NO_QUOTA} Head to: {link}."}}])
    with imitated(lambda seen: limited) as provider:
        [outcome] = predict(provider, "one", route="chat")
        assert outcome.problem is not None and outcome.status == 429
        assert link in outcome.problem.detail


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_a_gateway_passes_on(status: int) -> None:
    """LiteLLM 1.108.7: in a header of another name."""
    limited = scripted.error(status, **{"llm_provider-retry-after": "1"})

    def respond(seen: ReceivedRequest) -> Action:
        return imitations.POSITIVE if len(provider.seen) > 1 else limited

    with imitated(respond) as provider:
        [outcome] = predict(provider, "one", route="chat", retries=1)
        assert outcome.predictions[0][0] == "POSITIVE"
        first, second = provider.seen
        assert second.at - first.at >= 0.95, "not before the time that the provider asked for"
