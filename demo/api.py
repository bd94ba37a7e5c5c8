"""The demo for programs: the endpoints that `gradio_client` calls. The page's own events are private.

from gradio_client import Client

demo = Client("http://127.0.0.1:7860")
demo.predict("separate-process", api_name="/start")
demo.predict("An utterly charming film.", api_name="/ask")
"""

from dataclasses import asdict
from typing import Any

import gradio as gr

from deployments.errors import HostingLabError
from deployments.measure.latency import ask_at_once

from .board import Board, Card
from .compare import TIMEOUT_S, compare
from .compare_panel import unusable
from .session import Sessions
from .texts import texts

MAX_REPEATS = 1000


def connect(board: Board, sessions: Sessions) -> None:
    """Add the endpoints to the page that is being built. What fails raises gr.Error with a sentence."""

    def status() -> list[dict[str, Any]]:
        """The state of every method: method, state, url, since (Unix seconds), run_id, reason."""
        return [_public(card) for card in board.cards()]

    def start(method: str) -> dict[str, Any]:
        """Start a method, to stay until it is stopped; returns its state when it answers."""
        return _changed(board.start, method)

    def stop(method: str) -> dict[str, Any]:
        """Stop a method; returns its state."""
        return _changed(board.stop, method)

    def ask(text: str) -> list[dict[str, Any]]:
        """The answers of all running methods, asked at the same time; a method that failed has `error` and no label."""
        answers = {answer.method: answer.as_dict() for answer in ask_at_once(_services(text), text, TIMEOUT_S)}
        return [answers[card.method] for card in board.cards() if card.method in answers]

    def measure(text: str, repeats: int = 20) -> list[dict[str, Any]]:
        """The latency of all running methods in milliseconds, asked in turn `repeats` times each after one warm-up: p50, p95, mean and its parts."""
        if not 1 <= repeats <= MAX_REPEATS:
            raise gr.Error(f"repeats is {repeats}. Take a number from 1 to {MAX_REPEATS}.")
        *_, comparison = compare(_services(text), text, repeats, board.machine)
        return [{"method": row.method, **(asdict(row.summary) if row.summary else {}), "error": row.error} for row in comparison.rows]

    def _services(text: str) -> list:
        if trouble := unusable(text, texts("en")):
            raise gr.Error(trouble)
        if not (services := board.running()):
            raise gr.Error(texts("en")("problem.none_running"))
        return services

    def _changed(change, method: str) -> dict[str, Any]:
        try:
            card = board.run_now(change, method)
        except HostingLabError as error:
            raise gr.Error(str(error)) from error
        if card.failure:
            raise gr.Error(card.failure.message)
        return _public(card)

    for endpoint in (status, start, stop, ask, measure):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=20)


def _public(card: Card) -> dict[str, Any]:
    return asdict(card.status) | {"state": card.state}
