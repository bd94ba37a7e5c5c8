"""One reader's conversation with the bot, and which method classified in each turn."""

import threading
from dataclasses import dataclass

from demo.status_poller import Endpoint
from deployments.dialogue.bot import Classify, DialogueTurn, FilmClubBot
from deployments.services.prediction import Prediction
from hostlab.client import Client
from hostlab.errors import NotRunning


@dataclass(frozen=True)
class Exchange:
    """A turn, the method that was to classify in it, and the state in which that method was."""

    method: str
    state: str
    turn: DialogueTurn


class Conversation:
    """The bot, and what was said. May be used from any thread."""

    def __init__(self) -> None:
        self.bot = FilmClubBot()
        self.history: list[Exchange] = []
        self._lock = threading.Lock()  # two pages of one browser may send at the same time

    def say(self, text: str, method: str, state: str, endpoint: Endpoint | None) -> DialogueTurn:
        """Take the next turn, and return it.

        `endpoint` is where `method` runs, or None if it does not run.
        """
        classify = _classify_at(method, endpoint, self.bot.deadline_s)
        with self._lock:
            turn = self.bot.take_turn(text, classify)
            self.history.append(Exchange(method, state, turn))
            return turn


def _classify_at(method: str, endpoint: Endpoint | None, timeout_s: float) -> Classify:
    def classify(text: str) -> Prediction:
        if endpoint is None:
            raise NotRunning(f"{method} does not run. Start it with `hostlab up {method}`.")
        with Client(endpoint.url, timeout_s) as client:
            return client.ask(text).predictions[0]

    return classify
