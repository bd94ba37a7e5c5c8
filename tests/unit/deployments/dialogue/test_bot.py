"""The film club's bot: its rules, its templates, and a classifier that fails or is late."""

import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from deployments.dialogue import bot
from deployments.dialogue.bot import AFTER_GOODBYE, RULES, FilmClubBot, Intent, State, generate
from deployments.services.prediction import Prediction
from tests.placeholders import names

TEMPLATES = sorted((Path(bot.__file__).parent / "templates").glob("*.toml"))


def labels(label: str, score: float | None = 0.99) -> Callable[[str], Prediction]:
    return lambda text: Prediction(label, score)


def dead(text: str) -> Prediction:
    raise OSError("no connection")


def never(text: str) -> Prediction:
    raise AssertionError("a title needs no classifier")


def at(state: State) -> FilmClubBot:
    talk = FilmClubBot()
    talk.take_turn("I saw Alien", never)
    if state == "ask_reason":
        talk.take_turn("It was great.", labels("POSITIVE"))
    assert talk.state == state
    return talk


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Alien", "Alien"),
        ("I saw Alien.", "Alien"),
        ("we've just watched “The Thing”!", "The Thing"),
        ("Ирония судьбы", "Ирония судьбы"),
    ],
)
def test_a_title_is_found_without_the_classifier(text: str, title: str) -> None:
    turn = FilmClubBot().take_turn(text, never)
    assert (turn.meaning.intent, turn.film, turn.after) == ("title", title, "ask_opinion")
    assert turn.meaning.took_ms is None
    assert title in generate(turn, "en") and title in generate(turn, "ru")


def test_a_text_that_is_no_title_is_asked_for_again() -> None:
    turn = FilmClubBot().take_turn("I do not remember what it was called, it had a cat", never)
    assert (turn.before, turn.after, turn.template) == ("ask_film", "ask_film", "ask_title")


@pytest.mark.parametrize(
    ("classify", "template"),
    [
        (labels("POSITIVE"), "cheer"),
        (labels("NEGATIVE"), "console"),
        (labels("POSITIVE", None), "cheer"),
        (labels("POSITIVE", 0.55), "unsure"),
        (labels("surprise"), "unsure"),
        (dead, "fallback"),
    ],
)
def test_the_reply_follows_from_the_prediction(
    classify: Callable[[str], Prediction], template: str
) -> None:
    turn = at("ask_opinion").take_turn("Whatever I say.", classify)
    assert (turn.template, turn.after) == (template, "ask_reason")
    assert turn.meaning.took_ms is not None


def test_the_dialogue_goes_on_while_the_classifier_is_dead_and_uses_it_again() -> None:
    talk = at("ask_opinion")
    first, second = talk.take_turn("Great.", dead), talk.take_turn("The cat.", dead)
    assert [first.template, second.template] == ["fallback", "fallback_next"]
    assert (first.meaning.failure, str(first.meaning.error)) == ("failed", "no connection")
    assert generate(first, "en").startswith("I can't tell how you feel right now")
    talk.take_turn("The Thing", dead)
    assert talk.take_turn("Great.", labels("POSITIVE")).template == "cheer"
    assert [turn.film for turn in talk.history] == [
        "Alien",
        "Alien",
        "Alien",
        "The Thing",
        "The Thing",
    ]


def test_the_dialogue_manager_does_not_wait_longer_than_its_deadline() -> None:
    answers = threading.Event()

    def hung(text: str) -> Prediction:
        answers.wait(60)
        return Prediction("POSITIVE", 0.99)

    talk = at("ask_opinion")
    talk.deadline_s = 0.05
    turn = talk.take_turn("Great.", hung)
    assert not answers.is_set(), "it came back before the classifier did"
    answers.set()
    assert (turn.meaning.failure, turn.template) == ("late", "fallback")
    assert turn.meaning.took_ms is not None and turn.meaning.took_ms >= 50


@pytest.mark.parametrize("state", get_args(State))
def test_a_goodbye_ends_the_round_in_every_state(state: State) -> None:
    talk = FilmClubBot() if state == "ask_film" else at(state)
    turn = talk.take_turn("Goodbye!", never)
    assert (turn.template, turn.after) == ("goodbye", "ask_film")


def test_every_state_has_a_rule_for_every_intent_that_it_can_meet() -> None:
    moods = set(get_args(Intent)) - {"title", "no_title", "goodbye"}
    assert {intent for state, intent in RULES if state == "ask_film"} == {"title", "no_title"}
    for state in ("ask_opinion", "ask_reason"):
        assert {intent for at_state, intent in RULES if at_state == state} == moods


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_every_language_has_every_template(file: Path) -> None:
    templates = tomllib.loads(file.read_text(encoding="utf-8"))
    used = {template for _, template in RULES.values()} | {AFTER_GOODBYE[1], "greeting"}
    assert set(templates) == used
    for text in templates.values():
        assert names(text) <= {"film"}
