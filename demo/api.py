"""The demo for programs: the endpoints that `gradio_client` calls. The page's own events are private.

from gradio_client import Client

demo = Client("http://127.0.0.1:7860")
demo.predict("separate-process", api_name="/start")
demo.predict("An utterly charming film.", api_name="/ask")
"""

from dataclasses import asdict
from typing import Any

import gradio as gr

from demo.board import Board, Card
from demo.session import Session, Sessions
from demo.tabs.compare import export
from demo.tabs.compare.comparison import Comparison, compare
from demo.tabs.compare.question import texts_of
from demo.tabs.services.tab import MAX_REPLICAS
from demo.texts import texts
from hostlab import get
from hostlab.errors import HostingLabError

MAX_REPEATS = 1000
MAX_LINES = 1000


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

    def scale(method: str, replicas: int) -> dict[str, Any]:
        """Run `replicas` copies of a method's model (docker, kubernetes); returns its state when all are ready."""
        if not 1 <= replicas <= MAX_REPLICAS:
            raise gr.Error(f"replicas is {replicas}. Take a number from 1 to {MAX_REPLICAS}.")
        return _changed(lambda name: board.scale(name, replicas), method)

    def kill(method: str, part: str = "") -> dict[str, Any]:
        """Kill one part of a method, as a crash would: the one called `part`, else one that holds the model; returns the method's state."""
        return _changed(lambda name: board.kill(name, part or None), method)

    def parts(method: str) -> list[dict[str, Any]]:
        """The processes, containers or pods of a method: name, kind, id, state, since (Unix seconds), cpu_s, memory_bytes, restarts."""
        return [asdict(part) for part in _told(lambda: get(method).components())]

    def logs(method: str, tail: int = 20) -> str:
        """The last `tail` lines of the log of each part of a method."""
        if not 1 <= tail <= MAX_LINES:
            raise gr.Error(f"tail is {tail}. Take a number from 1 to {MAX_LINES}.")
        return _told(lambda: get(method).logs(tail))

    def ask(text: str, request: gr.Request) -> list[dict[str, Any]]:
        """The answers of all running methods, asked at the same time, one text a line; a method that failed has `error` and no label."""
        return [
            answer.as_dict() for row in _compared(text, 0, request).rows for answer in row.answers
        ]

    def measure(text: str, request: gr.Request, repeats: int = 20) -> list[dict[str, Any]]:
        """The latency of all running methods in milliseconds, asked in turn `repeats` times each after one warm-up: p50, p95, p99, mean and its parts."""
        if not 1 <= repeats <= MAX_REPEATS:
            raise gr.Error(f"repeats is {repeats}. Take a number from 1 to {MAX_REPEATS}.")
        rows = _compared(text, repeats, request).rows
        return [
            {
                "method": row.method,
                **(asdict(row.summary) if row.summary else {}),
                "error": row.error,
            }
            for row in rows
        ]

    def history(request: gr.Request) -> list[dict[str, Any]]:
        """What this client has asked so far: the questions, their answers and measurements, oldest first. Other clients have their own."""
        return export.as_data(_session(request).comparisons)

    def history_csv(request: gr.Request) -> str:
        """The same as CSV, one line for each answer."""
        return export.as_csv(_session(request).comparisons)

    def _session(request: gr.Request) -> Session:
        return sessions.of(f"client {request.session_hash}")

    def _compared(text: str, repeats: int, request: gr.Request) -> Comparison:
        question = _told(lambda: texts_of(text, texts("en")))
        if not (services := board.askable()):
            raise gr.Error(texts("en")("problem.none_running"))
        *_, comparison = compare(services, question, repeats, board.machine, board.start_of)
        _session(request).add(comparison)
        return comparison

    def _changed(change, method: str) -> dict[str, Any]:
        card = _told(lambda: board.run_now(change, method))
        if card.failure:
            raise gr.Error(card.failure.message)
        return _public(card)

    for endpoint in (
        status,
        start,
        stop,
        scale,
        kill,
        parts,
        logs,
        ask,
        measure,
        history,
        history_csv,
    ):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=20)


def _told(work):
    """Return what `work` returns; what it raises in our own words is what the client reads."""
    try:
        return work()
    except HostingLabError as error:
        raise gr.Error(str(error)) from error


def _public(card: Card) -> dict[str, Any]:
    return asdict(card.status) | {"state": card.state}
