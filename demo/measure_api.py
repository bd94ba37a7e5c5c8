"""The tabs Load, Table and Report for programs. Like demo/api.py, which has the rest."""

import time
from typing import Any

import gradio as gr

from demo.board import Board
from demo.session import Session, Sessions
from demo.tabs.load.run import LoadRun, Plan
from demo.tabs.report import document as report_file
from demo.tabs.table import view as table_html
from demo.texts import LANGUAGES
from hostlab.errors import HostingLabError

TELL_S = 1.0


def connect(board: Board, sessions: Sessions) -> None:
    """Add the endpoints to the page that is being built. What fails raises gr.Error with a sentence."""

    # a generator: gradio sends each value as it comes, predict() returns the last, and cancel() closes it
    def load(
        methods: list[str],
        request: gr.Request,
        kind: str = "open",
        level: float = 20,
        seconds: float = 10,
        ramp_s: float = 0,
        in_turn: bool = False,
        spend: bool = False,
    ) -> dict[str, Any]:
        """Put a load on methods that run: `level` requests a second (kind open) or users (closed). Tells where it stands every second; cancelling stops it."""
        try:
            run = LoadRun(
                Plan(tuple(methods), kind, level, seconds, ramp_s, in_turn, spend), board.turns
            )
        except HostingLabError as error:
            raise gr.Error(str(error)) from error
        _session(request).add_load(run.start())
        try:
            while not run.over:
                yield run.as_dict()
                time.sleep(TELL_S)
            yield run.as_dict()
        finally:
            run.stop()

    def table() -> dict[str, Any]:
        """The lecture's table beside the one made of this machine's reports: `marks`, one for each cell, with the figure behind it; `sources`; `rules`."""
        return table_html.as_data()

    def report(request: gr.Request, language: str = "en") -> dict[str, Any]:
        """What this client has done, as `html` (one file that opens anywhere, in a language of the page) and as `data`."""
        if language not in LANGUAGES:
            raise gr.Error(f"There is no language {language!r}. There are: {', '.join(LANGUAGES)}.")
        session = _session(request)
        return {
            "html": report_file.page(board, session, language),
            "data": report_file.as_data(board, session),
        }

    def _session(request: gr.Request) -> Session:
        return sessions.of(f"client {request.session_hash}")

    for endpoint in (load, table, report):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=20)
