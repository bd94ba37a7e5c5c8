"""The report of a session: one HTML file that opens anywhere, and the same as plain data. Only what this reader did is in it."""

import json
import re
import time
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from demo.board import Board, Card
from demo.html import clock, said_html
from demo.session import Session
from demo.tabs.compare import export
from demo.tabs.compare import view as compare_html
from demo.tabs.compare.comparison import Comparison
from demo.tabs.load import view as load_html
from demo.tabs.load.run import LoadRun
from demo.tabs.services import view as services_html
from demo.tabs.table import view as table_html
from demo.texts import Texts, texts_in
from demo.theme import CSS
from hostlab.measure.machine import describe

_CSS = Path(__file__).with_name("report.css")
_DARK = re.compile(
    r"^\.dark (\{.*?\})", re.MULTILINE | re.DOTALL
)  # the page has a switch; a file follows the system


def as_data(board: Board, session: Session) -> dict[str, Any]:
    """Return the session as plain data: `machine`, `methods` as they are now, `questions`, `loads`, and `table` (see table_html.as_data)."""
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": describe(),
        "methods": [_method(card) for card in board.cards()],
        "questions": export.as_data(session.entries(Comparison)),
        "loads": [run.as_dict() for run in session.entries(LoadRun)],
        "table": table_html.as_data(),
    }


def as_json(board: Board, session: Session) -> str:
    return json.dumps(as_data(board, session), ensure_ascii=False, indent=1)


def page(board: Board, session: Session, language: str) -> str:
    """Return the session as one HTML document in a language: styles and plots within, no script, nothing fetched."""
    said = texts_in(language)
    sections = [
        ("machine", _machine(describe(), said)),
        ("variants", "".join(services_html.card(card, said) for card in board.cards())),
        ("questions", _questions(session, said)),
        ("loads", _loads(session, said)),
        ("table", table_html.table(said)),
    ]
    style = _DARK.sub(
        r"@media (prefers-color-scheme: dark) { :root \1 }", CSS.read_text("utf-8")
    ) + _CSS.read_text("utf-8")
    body = "".join(
        f"<section><h2>{escape(said(f'report.{name}'))}</h2>{content}</section>"
        for name, content in sections
    )
    title = escape(said("report.title"))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{style}</style></head><body><h1>{title}</h1>"
        f'<p class="hl-quiet">{escape(said("report.made", at=time.strftime("%Y-%m-%d %H:%M")))}</p>{body}</body></html>\n'
    )


def _method(card: Card) -> dict[str, Any]:
    return asdict(card.status) | {
        "state": card.state,
        "parts": [asdict(one.component) for one in card.components],
    }


def _machine(machine: dict[str, Any], said: Texts) -> str:
    facts = {
        "processor": machine["processor"],
        "threads": machine["threads"],
        "memory": f"{machine['memory_gb']} GB",
        "system": machine["system"],
        "load_average": ", ".join(map(str, machine["load_average_before"])),
        "model": machine["model"],
        "versions": ", ".join(f"{name} {version}" for name, version in machine["versions"].items()),
    }
    lines = "".join(
        f"<dt>{escape(said(f'report.{name}'))}</dt><dd>{escape(str(value))}</dd>"
        for name, value in facts.items()
    )
    return f'<dl class="facts">{lines}</dl>'


def _questions(session: Session, said: Texts) -> str:
    """Return every question that was asked, oldest first, each as Compare shows it."""
    if not session.entries(Comparison):
        return f'<p class="hl-quiet">{said_html(said("report.no_questions"))}</p>'
    return "".join(
        f"<h3>{clock(one.at)} {escape(_short(one.texts))}</h3>{compare_html.results(one, said)}"
        for one in session.entries(Comparison)
    )


def _loads(session: Session, said: Texts) -> str:
    """Return every load, oldest first, with its charts and figures."""
    if not session.entries(LoadRun):
        return f'<p class="hl-quiet">{said_html(said("report.no_loads"))}</p>'
    return "".join(
        f"<h3>{clock(run.began)}</h3>{load_html.state(run, said, 0, 0)}{load_html.load(run, said)}"
        for run in session.entries(LoadRun)
    )


def _short(texts_asked: list[str]) -> str:
    text, more = texts_asked[0], len(texts_asked) - 1
    return (text if len(text) <= 200 else text[:199] + "…") + (f" (+{more})" if more else "")
