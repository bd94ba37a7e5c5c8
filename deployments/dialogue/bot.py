"""A film club's bot: a dialogue system around the classifier, in one file.

    text -> NLU: what does it mean? -> dialogue manager: what next? -> generation: how to say it?

The bot asks for a film and for an opinion, cheers or consoles, and asks on. Only the opinion needs
the classifier. The dialogue manager gives it a deadline, and goes on without it if it is late or
dead: a reply that is less clever is better than none.

    bot = FilmClubBot()
    turn = bot.take_turn("I saw Alien", classify)  # classify(text) returns a Prediction
    print(generate(turn, "en"))
"""

import re
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from deployments.services.prediction import Prediction

DEADLINE_S = 2.0  # after a longer pause, people ask whether the other one is still there
MIN_SCORE = 0.7  # a label with a lower score is a guess
MAX_TITLE_WORDS = 8  # a longer text is no title

Classify = Callable[[str], Prediction]  # asks a model, wherever it is hosted; may raise anything
State = Literal["ask_film", "ask_opinion", "ask_reason"]  # what the bot has just asked for
Intent = Literal["title", "no_title", "glad", "sad", "unclear", "unknown", "goodbye"]
Failure = Literal["late", "failed"]

# The dialogue manager's rules: where the bot is, and what the NLU has understood, lead to the next
# state and to a template. Every state has a rule for "unknown", so no failure ends the dialogue.
RULES: dict[tuple[State, Intent], tuple[State, str]] = {
    ("ask_film", "title"): ("ask_opinion", "ask_opinion"),
    ("ask_film", "no_title"): ("ask_film", "ask_title"),
    ("ask_opinion", "glad"): ("ask_reason", "cheer"),
    ("ask_opinion", "sad"): ("ask_reason", "console"),
    ("ask_opinion", "unclear"): ("ask_reason", "unsure"),
    ("ask_opinion", "unknown"): ("ask_reason", "fallback"),
    ("ask_reason", "glad"): ("ask_film", "agree"),
    ("ask_reason", "sad"): ("ask_film", "sympathize"),
    ("ask_reason", "unclear"): ("ask_film", "note"),
    ("ask_reason", "unknown"): ("ask_film", "fallback_next"),
}
AFTER_GOODBYE: tuple[State, str] = ("ask_film", "goodbye")  # the rule for it in every state

_MOODS: dict[str, Intent] = {"POSITIVE": "glad", "NEGATIVE": "sad"}
_GOODBYES = ("bye", "goodbye", "good bye", "bye bye", "see you", "that's all")
_BEFORE_A_TITLE = re.compile(
    r"^\s*(i|we)(['’]ve| have)?( just| recently)? (saw|seen|watched)\s+", re.IGNORECASE
)


@dataclass(frozen=True)
class Meaning:
    """What the NLU understood.

    `took_ms` is how long the dialogue manager waited for the classifier, None if it was not asked.
    `failure` says why there is no prediction, and `error` is what the classifier raised.
    """

    intent: Intent
    title: str = ""
    prediction: Prediction | None = None
    took_ms: float | None = None
    failure: Failure | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class DialogueTurn:
    """What the person said, and what each component of the bot made of it."""

    text: str
    meaning: Meaning
    before: State
    after: State
    template: str
    film: str


class FilmClubBot:
    """One conversation: the dialogue manager's state, and the turns so far."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        """`deadline_s` is how long, in seconds, the dialogue manager waits for the classifier."""
        self.deadline_s = deadline_s
        self.state: State = "ask_film"
        self.film = ""
        self.history: list[DialogueTurn] = []

    def take_turn(self, text: str, classify: Classify) -> DialogueTurn:
        """Understand `text`, decide what to do, and return the turn. Never raises.

        `classify` may be another one in each turn: the dialogue does not depend on where the model
        is hosted.
        """
        before, meaning = self.state, understand(text, self.state, classify, self.deadline_s)
        self.film = meaning.title or self.film
        goodbye = meaning.intent == "goodbye"
        self.state, template = AFTER_GOODBYE if goodbye else RULES[before, meaning.intent]
        turn = DialogueTurn(text, meaning, before, self.state, template, self.film)
        self.history.append(turn)
        return turn


def understand(text: str, state: State, classify: Classify, deadline_s: float) -> Meaning:
    """Return what `text` means as an answer to what the bot has asked: the NLU."""
    plain = text.strip().strip("\"'“”«».!…").strip()
    if plain.lower() in _GOODBYES:
        return Meaning("goodbye")
    if state == "ask_film":  # a title has no sentiment; the classifier would label it all the same
        title = _BEFORE_A_TITLE.sub("", plain).strip("\"'“”«»")
        if 0 < len(title.split()) <= MAX_TITLE_WORDS:
            return Meaning("title", title)
        return Meaning("no_title")
    return _sentiment(text, classify, deadline_s)


def _sentiment(text: str, classify: Classify, deadline_s: float) -> Meaning:
    began = time.perf_counter()
    pool = ThreadPoolExecutor(1)
    asked = pool.submit(classify, text)
    pool.shutdown(wait=False)  # nobody waits for a prediction that is late
    prediction: Prediction | None = None
    failure: Failure | None = None
    error: Exception | None = None
    try:
        prediction = asked.result(timeout=deadline_s)
    except Exception as reason:  # whatever it is, the dialogue goes on
        failure, error = ("late" if isinstance(reason, TimeoutError) else "failed"), reason
    took_ms = (time.perf_counter() - began) * 1000
    return Meaning(_mood(prediction), "", prediction, took_ms, failure, error)


def _mood(prediction: Prediction | None) -> Intent:
    if prediction is None:
        return "unknown"
    if prediction.score is not None and prediction.score < MIN_SCORE:
        return "unclear"
    return _MOODS.get(prediction.label, "unclear")  # another model may have other labels


def generate(turn: DialogueTurn | None, language: str) -> str:
    """Return the bot's sentence in a language: the template of a turn; without one, its greeting.

    Raises FileNotFoundError for a language without templates.
    """
    if turn is None:
        return _templates(language)["greeting"]
    return _templates(language)[turn.template].format(film=turn.film)


@cache
def _templates(language: str) -> dict[str, str]:
    file = Path(__file__).with_name("templates") / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
