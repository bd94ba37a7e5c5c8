"""The demo for programs: the endpoints that `gradio_client` calls. The page's events are private.

from gradio_client import Client

demo = Client("http://127.0.0.1:7860")
demo.predict("separate-process", api_name="/start")
demo.predict("An utterly charming film.", api_name="/ask")

The names and docstrings of the methods of `Endpoints` are what programs see.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, TypeVar, cast

import gradio as gr
from gradio.events import api as add_endpoint

from demo.board import Board, Card
from demo.session import Session, Sessions
from demo.tabs.compare import export
from demo.tabs.compare.comparison import Comparison, compare
from demo.tabs.compare.question import texts_of
from demo.tabs.load.plan import Plan
from demo.tabs.load.run import LoadRun
from demo.tabs.report import document
from demo.tabs.services.tab import MAX_REPLICAS
from demo.tabs.table import view as table_view
from demo.texts import LANGUAGES, texts_in
from hostlab import get
from hostlab.errors import HostingLabError
from hostlab.measure.load.isolated import LoadKind

MAX_REPEATS = 1000
MAX_LINES = 1000
LOAD_UPDATE_S = 1.0

T = TypeVar("T")


class Endpoints:
    """The endpoints of one demo. What fails raises gr.Error with a sentence."""

    NAMES = (
        "status",
        "start",
        "stop",
        "scale",
        "autoscale",
        "kill",
        "parts",
        "logs",
        "ask",
        "measure",
        "history",
        "history_csv",
        "load",
        "table",
        "report",
    )

    def __init__(self, board: Board, sessions: Sessions) -> None:
        self._board, self._sessions = board, sessions

    def status(self) -> list[dict[str, Any]]:
        """The state of every method.

        Each has method, state, url, since (Unix seconds), run_id, engine, reason, autoscaler.
        """
        return [_public(card) for card in self._board.cards()]

    def start(self, method: str) -> dict[str, Any]:
        """Start a method, which then runs until it is stopped. Returns its state when ready."""
        return self._change(self._board.start, method)

    def stop(self, method: str) -> dict[str, Any]:
        """Stop a method. Returns its state."""
        return self._change(self._board.stop, method)

    def scale(self, method: str, replicas: int) -> dict[str, Any]:
        """Run `replicas` replicas of the model (docker, kubernetes). Returns when all are ready."""
        _require("replicas", replicas, MAX_REPLICAS)
        return self._change(lambda name: self._board.scale(name, replicas), method)

    def autoscale(self, method: str, on: bool = True) -> dict[str, Any]:
        """Let the load set the number of replicas (kubernetes), or stop doing so."""
        change = self._board.autoscale if on else self._board.autoscale_off
        return self._change(change, method)

    def kill(self, method: str, part: str = "") -> dict[str, Any]:
        """Kill one component, as a crash would: the one named `part`, else one with the model."""
        return self._change(lambda name: self._board.kill(name, part or None), method)

    def parts(self, method: str) -> list[dict[str, Any]]:
        """The components of a method.

        Each has name, kind, role, id, state, since (Unix seconds), cpu_s, memory_bytes, restarts.
        """
        return [asdict(component) for component in _checked(lambda: get(method).components())]

    def logs(self, method: str, tail: int = 20) -> str:
        """The last `tail` lines of the log of each component."""
        _require("tail", tail, MAX_LINES)
        return _checked(lambda: get(method).logs(tail))

    def ask(self, text: str, request: gr.Request) -> list[dict[str, Any]]:
        """Predictions from all running methods at once, one text per line.

        A method that failed has `error` and no label.
        """
        rows = self._compare(text, 0, request).rows
        return [prediction.as_dict() for row in rows for prediction in row.predictions]

    def measure(self, text: str, request: gr.Request, repeats: int = 20) -> list[dict[str, Any]]:
        """The latency of all running methods in milliseconds: p50, p95, p99, mean and its parts.

        Requests are sent in turn, `repeats` to each method after one warm-up request.
        """
        _require("repeats", repeats, MAX_REPEATS)
        return [
            {"method": row.method}
            | (asdict(row.summary) if row.summary else {})
            | {"error": row.error}
            for row in self._compare(text, repeats, request).rows
        ]

    def history(self, request: gr.Request) -> list[dict[str, Any]]:
        """What this client has asked so far, oldest first. Other clients have their own history."""
        return export.as_data(self._session(request).entries(Comparison))

    def history_csv(self, request: gr.Request) -> str:
        """The same as CSV, one line for each prediction."""
        return export.as_csv(self._session(request).entries(Comparison))

    # A generator: gradio sends each value as it comes, predict() returns the last one, and
    # cancel() closes the generator.
    def load(
        self,
        methods: list[str],
        request: gr.Request,
        kind: str = "open",
        level: float = 20,
        seconds: float = 10,
        ramp_s: float = 0,
        in_turn: bool = False,
        spend: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Generate load on running methods: `level` requests per second (open) or users (closed).

        Returns the state of the load every second. Canceling stops it.
        """
        loop = cast(LoadKind, kind)  # LoadRun checks it
        plan = Plan(tuple(methods), loop, level, seconds, ramp_s, in_turn, spend)
        run = _checked(
            lambda: LoadRun(
                plan, self._board.run_queue, self._board.autoscaler, self._board.guests.url
            )
        )
        self._session(request).add(run.start())
        try:
            while not run.over:
                yield run.as_dict()
                time.sleep(LOAD_UPDATE_S)
            yield run.as_dict()
        finally:
            run.stop()

    def table(self) -> dict[str, Any]:
        """The lecture's ratings and those measured on this machine.

        `marks` has one entry for each cell with the figure behind it; there are `sources`, `rules`.
        """
        return table_view.as_data()

    def report(self, request: gr.Request, language: str = "en") -> dict[str, Any]:
        """This client's session as `html` (one file, in a language of the page) and as `data`."""
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise gr.Error(f"There is no language {language!r}. The languages are: {known}.")
        session = self._session(request)
        return {
            "html": document.page(self._board, session, language),
            "data": document.as_data(self._board, session),
        }

    def _session(self, request: gr.Request) -> Session:
        return self._sessions.of(f"client {request.session_hash}")

    def _compare(self, text: str, repeats: int, request: gr.Request) -> Comparison:
        board, texts = self._board, texts_in("en")
        question = _checked(lambda: texts_of(text, texts))
        if not (endpoints := board.endpoints()):
            raise gr.Error(texts("problem.none_running"))
        *_, comparison = compare(endpoints, question, repeats, board.machine, board.start_of)
        self._session(request).add(comparison)
        return comparison

    def _change(self, change: Callable[[str], None], method: str) -> dict[str, Any]:
        card = _checked(lambda: self._board.run_now(change, method))
        if card.failure:
            raise gr.Error(card.failure.message)
        return _public(card)


def connect(board: Board, sessions: Sessions) -> None:
    """Add the endpoints to the page that is being built."""
    endpoints = Endpoints(board, sessions)
    for name in Endpoints.NAMES:
        add_endpoint(getattr(endpoints, name), api_name=name, concurrency_limit=20)


def _require(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise gr.Error(f"{name} is {value}. Use a number from 1 to {most}.")


def _checked(work: Callable[[], T]) -> T:
    """Return what `work` returns. A HostingLabError becomes the sentence that the client gets."""
    try:
        return work()
    except HostingLabError as error:
        raise gr.Error(str(error)) from error


def _public(card: Card) -> dict[str, Any]:
    return asdict(card.status) | {"state": card.state}
