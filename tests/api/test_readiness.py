"""/ready: whether the provider can be used, found out without a text and free of charge."""

import pytest

from tests.api import imitations, scripted
from tests.api.imitations import MODELS, NO_SCOPE, WITHOUT_TEXT, server
from tests.api.in_process import check, imitated, predict
from tests.api.scripted import Action, ReceivedRequest

PAGE = scripted.reply(200, b"<!doctype html>", Content_Type="text/html")
MISSING = scripted.error(404, "Not Found")
UNKNOWN = scripted.reply(200, {"error": "Unexpected endpoint or method. (GET /models)"})


TABLE: dict[str, tuple[Action, Action, str | None]] = {
    "a list": (MODELS, WITHOUT_TEXT, None),
    "a key that may not list models": (NO_SCOPE, WITHOUT_TEXT, None),
    "the same as 401": (scripted.error(401, "Missing scopes"), WITHOUT_TEXT, None),
    "no list, and 422 without a text": (MISSING, scripted.reply(422, {"detail": []}), None),
    "no list, and 500 without a text": (
        MISSING,
        scripted.error(500, "key 'messages' not found"),
        None,
    ),
    "an empty list": (scripted.reply(200, {"data": []}), WITHOUT_TEXT, None),
    "a wrong key": (
        scripted.error(401),
        scripted.error(401),
        "The provider does not accept the key",
    ),
    "an address without /v1": (MISSING, MISSING, "The provider does not offer this"),
    "the same, at LM Studio": (UNKNOWN, UNKNOWN, "The provider does not offer this"),
    "405 everywhere": (
        scripted.error(405),
        scripted.error(405),
        "The provider rejected the request",
    ),
    "a page for requests": (MISSING, PAGE, "The provider sent a malformed response"),
    "a page for everything": (PAGE, PAGE, "The provider sent a malformed response"),
    "other JSON for requests": (
        MISSING,
        scripted.reply(200, {"Hello": "World"}),
        "The provider sent a malformed response",
    ),
    "an answer without a text": (MISSING, scripted.chat("?"), None),
    "another JSON server": (
        scripted.reply(200, {"Hello": "World"}),
        scripted.reply(200, {"Hello": "World"}),
        "The provider sent a malformed response",
    ),
    "overloaded": (MISSING, scripted.error(503), "The provider is overloaded"),
    "no connection": (MISSING, scripted.reset, "The provider closed the connection"),
}


@pytest.mark.parametrize(("models", "chat", "title"), TABLE.values(), ids=TABLE)
@pytest.mark.parametrize("route", ["auto", "chat", "plain"])
def test_ready(models: Action, chat: Action, title: str | None, route: str) -> None:
    with imitated(server(models, chat)) as provider:
        problem = check(provider, route=route)
        assert (problem.title if problem else None) == title
        assert all("messages" not in seen.body for seen in provider.seen), "it is free of charge"
        if title is None:
            [outcome] = predict(provider, "one", route=route)
            assert outcome.predictions[0][0] == "POSITIVE"


def test_a_model_that_is_not_in_the_list() -> None:
    """Azure lists models, not deployments; vLLM does not have it."""
    with imitated(server(MODELS, WITHOUT_TEXT)) as provider:
        assert check(provider, model="deployment") is None
    missing = scripted.error(404, "The model `other` does not exist.", "model_not_found")
    with imitated(server(MODELS, missing)) as provider:
        problem = check(provider, model="other")
        assert problem is not None and "The model `other` does not exist" in problem.detail


def test_a_route_of_its_own() -> None:
    def only_decisions(seen: ReceivedRequest) -> Action:
        return WITHOUT_TEXT if seen.path == "/v1/decisions" else MISSING

    with imitated(only_decisions) as provider:
        assert check(provider, route="decisions") is None
        assert check(provider, route="auto") is None
        assert check(provider, route="systemone") is not None


def test_without_a_list_the_model_has_to_be_named() -> None:
    with imitated(server(NO_SCOPE, WITHOUT_TEXT)) as provider:
        problem = check(provider, model=None)
        assert problem is not None and problem.status == 503
        assert "OPENAI_MODEL" in problem.detail and "no list of its models" in problem.detail


@pytest.mark.parametrize("labels", [["ONLY"], ["one", "two", "U.S."]])
def test_labels_of_the_provider(labels: list[str]) -> None:
    """A classifier with one label is one, too."""
    listed = scripted.reply(200, {"data": [{"id": "m", "labels": labels}]})
    answer = scripted.reply(
        200,
        {
            "answers": [
                {
                    "type": "choice",
                    "choice": labels[-1],
                    "probabilities": [{"value": labels[-1], "probability": 0.6}],
                }
            ]
        },
    )
    with imitated(lambda seen: listed if seen.path == "/v1/models" else answer) as provider:
        [outcome] = predict(provider, "one", model=None, labels=None)
        assert outcome.predictions == [(labels[-1], 0.6)]
        [choices] = [seen.body["questions"][0]["choices"] for seen in provider.seen]
        assert [choice["value"] for choice in choices] == labels


@pytest.mark.parametrize(
    "labels", [[], ["a", "a"], ["a", 1], ["a", "\ud800"], ["a", "b\x1b[31m"], "ab", {"a": 1}, None]
)
def test_labels_that_cannot_be_used(labels: object) -> None:
    listed = scripted.reply(200, {"data": [{"id": "m", "labels": labels}, {"id": "\ud800"}, {}]})
    with imitated(
        lambda seen: listed if seen.path == "/v1/models" else imitations.POSITIVE
    ) as provider:
        [outcome] = predict(provider, "one", model=None, labels=None)
        assert outcome.predictions[0][0] == "POSITIVE"
