"""What a client gets from servers that follow OpenAI's API in their own ways."""

from dataclasses import dataclass, field

import pytest

from deployments.api.circuit_breaker import MAX_FAILURES
from tests.api import imitations, scripted
from tests.api.in_process import Server, check, imitated, predict
from tests.api.scripted import Action, ReceivedRequest

SCORE = 0.75  # of imitations.LIKELY: 0.6 of 0.6 + 0.2
SELECTION = ["decisions", "chat/completions"]  # the requests of a first text, without a refusal


@dataclass
class Right:
    """What has to come out for the first text, and which requests the second one needs."""

    score: float | None = SCORE
    route: str = "chat"
    second: dict[str, object] = field(default_factory=dict)  # in the body of its only request
    without: tuple[str, ...] = ()  # not in that body


TABLE: dict[str, tuple[Server, Right]] = {
    "200 and an error for unknown addresses": (imitations.lm_studio, Right()),
    "403 for unknown addresses": (imitations.forbids_others, Right()),
    "a web page for unknown addresses": (imitations.page_for_others, Right()),
    "other JSON for unknown addresses": (imitations.json_for_others, Right()),
    "500 for unknown addresses": (imitations.fails_for_others, Right()),
    "max_completion_tokens and logprobs unknown": (
        imitations.mistral,
        Right(None, "plain", {"max_tokens": 2048}, ("max_completion_tokens", "logprobs")),
    ),
    "max_completion_tokens unknown, 5 logprobs at most": (
        imitations.old_azure,
        Right(
            second={"max_tokens": 16, "top_logprobs": 5, "temperature": 0},
            without=("max_completion_tokens",),
        ),
    ),
    "10 logprobs at most": (imitations.strict_vllm, Right(second={"top_logprobs": 10})),
    "no limit of tokens": (
        imitations.knows_no_limit,
        Right(second={"top_logprobs": 20}, without=("max_completion_tokens", "max_tokens")),
    ),
    "logprobs forbidden": (imitations.thinking_openai, Right(None, "plain")),
    "temperature refused": (imitations.fixed_temperature, Right(without=("temperature",))),
    "role system refused": (
        imitations.without_system_role,
        Right(second={"top_logprobs": 20, "temperature": 0}),
    ),
}


@pytest.mark.parametrize(("server", "right"), TABLE.values(), ids=TABLE)
def test_the_label_is_there(server: Server, right: Right) -> None:
    with imitated(server) as provider:
        first, second = predict(provider, "one", "two")
        assert first.problem is None and second.problem is None, (first.problem, second.problem)
        score = None if right.score is None else pytest.approx(right.score)
        assert first.predictions == second.predictions == [("POSITIVE", score)]
        assert first.headers["X-Provider-Route"] == right.route
        body = provider.seen[-1].body
        assert body | right.second == body and not set(right.without) & set(body)
        texts = [seen for seen in provider.seen if "two" in str(seen.body)]
        assert len(texts) == 1, "what was learned from the first text is used for the second"


@pytest.mark.parametrize(
    ("server", "path"),
    [
        (imitations.azure_deployment, "/openai?api-version=2024-10-21"),
        (imitations.azure_deployment, "/openai/deployments/m?api-version=2024-10-21"),
        (imitations.azure_v1, "/openai/v1?api-version=preview"),
    ],
    ids=["resource", "deployment", "v1"],
)
def test_the_version_in_azures_address(server: Server, path: str) -> None:
    with imitated(server) as provider:
        base_url = provider.url.removesuffix("/v1") + path
        assert check(provider, base_url=base_url) is None
        [outcome] = predict(provider, "one", base_url=base_url)
        assert outcome.predictions == [("POSITIVE", pytest.approx(SCORE))]


def test_an_incident_while_the_route_is_selected_does_not_last() -> None:
    """A better route that fails with 5xx is tried again later."""
    from deployments.api import route_selection

    with imitated(imitations.fails_for_others) as provider:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(route_selection, "SELECT_AGAIN_S", 0.0)
            predict(provider, "one", "two")
        assert [seen.path.removeprefix("/v1/") for seen in provider.seen] == SELECTION * 2


def test_a_route_that_hangs_is_tried_once() -> None:
    with imitated(imitations.litellm) as provider:
        first, second, third = predict(provider, "one", "two", "three", deadline_s=0.5)
        assert first.status == 504
        for outcome in (second, third):
            assert outcome.predictions == [("POSITIVE", pytest.approx(SCORE))]
            assert outcome.headers["X-Provider-Route-Why"] == "decisions: no response in time"


def test_a_model_that_loads_slowly_keeps_its_score() -> None:
    loading = iter([scripted.hang])

    def respond(seen: ReceivedRequest) -> Action:
        if seen.path != imitations.CHAT:
            return scripted.error(404)
        return next(loading, imitations.POSITIVE)

    with imitated(respond) as provider:
        first, second = predict(provider, "one", "two", deadline_s=0.5)
        assert first.status == 504
        assert second.predictions == [("POSITIVE", pytest.approx(SCORE))]


@pytest.mark.parametrize(
    "others",
    [imitations.page_for_others, imitations.json_for_others, imitations.fails_for_others],
)
def test_finding_a_route_does_not_trip_the_breaker(others: Server) -> None:
    def respond(seen: ReceivedRequest) -> Action:
        return scripted.chat("maybe") if seen.path == imitations.CHAT else others(seen)

    with imitated(respond) as provider:
        texts = [str(number) for number in range(MAX_FAILURES + 1)]
        for outcome in predict(provider, *texts):
            assert outcome.problem is not None and outcome.state is not None
            assert outcome.problem.title == "The provider returned no label"
            assert outcome.state.breaker == "closed"


def test_an_error_inside_a_200_is_that_error() -> None:
    with imitated(imitations.gateway) as provider:
        [outcome] = predict(provider, "one", route="chat")
        assert outcome.problem is not None
        assert (outcome.status, outcome.problem.title) == (
            429,
            "The provider's rate limit is reached",
        )


def test_a_route_that_does_not_exist_is_one_sentence() -> None:
    with imitated(imitations.lm_studio) as provider:
        [outcome] = predict(provider, "one", route="decisions")
        assert outcome.problem is not None
        assert outcome.problem.title == "The provider does not offer this"
        assert "Unexpected endpoint or method. (POST /v1/decisions)" in outcome.problem.detail
