"""What the Dialogue tab says about a turn, in the language of the page."""

import pytest

from demo.tabs.dialogue.conversation import Conversation
from demo.tabs.dialogue.tab import _choices
from demo.tabs.dialogue.view import failure, messages
from demo.texts import texts_in
from deployments.dialogue.bot import generate
from deployments.services.prediction import Prediction
from hostlab.errors import RequestFailed

EN, RU = texts_in("en"), texts_in("ru")


def asked(monkeypatch, result, state="running", reachable=True) -> Conversation:
    """A conversation in which a method was asked for an opinion once, and did `result`."""

    def classify(text):
        if isinstance(result, Exception):
            raise result
        return result

    if reachable:
        monkeypatch.setattr("demo.tabs.dialogue.conversation._classify_at", lambda *_: classify)
    conversation = Conversation()
    conversation.say("Alien", "docker", state, None)
    conversation.say("It was good.", "docker", state, None)
    return conversation


@pytest.mark.parametrize("texts", [EN, RU], ids=["en", "ru"])
@pytest.mark.parametrize(
    ("result", "state", "reachable", "key", "values"),
    [
        (None, "stopped", False, "failed_not_running", {"method": True}),
        (None, "starting", False, "failed_starting", {"method": True}),
        (None, "unavailable", False, "failed_unavailable", {"method": True}),
        (RequestFailed("No", "Nothing.", 503), "failed", True, "failed_status", {"status": 503}),
        (RequestFailed("No", "Nothing."), "running", True, "failed_no_response", {}),
    ],
)
def test_a_failure_is_a_sentence_in_the_language_of_the_page(
    monkeypatch, texts, result, state, reachable, key, values
):
    values = {"method": texts.title("docker")} if "method" in values else values
    conversation = asked(monkeypatch, result, state, reachable)
    assert failure(conversation.history[-1], texts) == texts(f"dialogue.{key}", **values)
    trace = messages(conversation, texts)[-1].content[1].value
    assert texts(f"dialogue.{key}", **values) in trace
    assert ('<span lang="en">No: Nothing.</span>' in trace) == reachable


def test_a_score_below_the_threshold_is_explained(monkeypatch):
    def trace(score, texts):
        conversation = asked(monkeypatch, Prediction("POSITIVE", score))
        return messages(conversation, texts)[-1].content[1].value

    assert "POSITIVE</b> 0,6591" in trace(0.6591, RU) and "ниже 0,7" in trace(0.6591, RU)
    assert "below 0.7" in trace(0.6591, EN) and "waits at most 2 s" in trace(0.6591, EN)
    assert "below 0.7" not in trace(0.9, EN)


def test_the_first_failure_is_not_called_another_one(monkeypatch):
    conversation = asked(monkeypatch, Prediction("POSITIVE", 0.9))
    monkeypatch.undo()
    turn = conversation.say("All of it.", "docker", "stopped", None)
    assert turn.template == "fallback_next"
    assert "still" not in generate(turn, "en") and "ещё не" not in generate(turn, "ru")


def test_a_method_that_cannot_run_is_marked():
    assert dict(map(reversed, _choices(EN, ["docker"])))["docker"].endswith("(unavailable)")
    assert [method for _, method in _choices(EN, ["docker"])] == [
        method for _, method in _choices(EN, ())
    ]
