"""One reader's conversation with the bot, and which method classified in each turn."""

import threading

from demo.status_poller import Endpoint
from demo.texts import Texts
from deployments.dialogue.bot import Classify, DialogueTurn, FilmClubBot
from deployments.services.prediction import Prediction
from hostlab.client import Client
from hostlab.errors import NotRunning


class Conversation:
    """The bot, and by turn the method that was to classify. May be used from any thread."""

    def __init__(self) -> None:
        self.bot = FilmClubBot()
        self.history: list[tuple[str, DialogueTurn]] = []
        self._lock = threading.Lock()  # two pages of one browser may send at the same time

    def say(self, text: str, method: str, endpoint: Endpoint | None, texts: Texts) -> DialogueTurn:
        """Take the next turn, and return it.

        `endpoint` is where `method` runs, or None if it does not run.
        """
        not_running = texts("dialogue.not_running", method=texts.title(method))
        classify = _classify_at(endpoint, self.bot.deadline_s, not_running)
        with self._lock:
            turn = self.bot.take_turn(text, classify)
            self.history.append((method, turn))
            return turn


def _classify_at(endpoint: Endpoint | None, timeout_s: float, not_running: str) -> Classify:
    def classify(text: str) -> Prediction:
        if endpoint is None:
            raise NotRunning(not_running)
        with Client(endpoint.url, timeout_s) as client:
            return client.ask(text).predictions[0]

    return classify
