"""The tabs Load, Table and Report for programs. Like demo/api.py, which has the rest."""

import time
from typing import Any

import gradio as gr

from deployments.errors import HostingLabError

from .board import Board
from .load_run import LoadRun, Plan
from .session import Session, Sessions

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
            run = LoadRun(Plan(tuple(methods), kind, level, seconds, ramp_s, in_turn, spend), board.turns)
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

    def _session(request: gr.Request) -> Session:
        return sessions.of(f"client {request.session_hash}")

    gr.api(load, api_name="load", concurrency_limit=20)
