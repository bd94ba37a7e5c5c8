"""The report of a session: one HTML file that opens anywhere, and the same as plain data.

It contains only what this reader has done.
"""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from demo.board import Board, Card
from demo.formatting import clock
from demo.session import Session
from demo.tabs.compare import export
from demo.tabs.compare import view as compare_view
from demo.tabs.compare.comparison import Comparison
from demo.tabs.load import limit_view
from demo.tabs.load import view as load_view
from demo.tabs.load.limit_run import LimitRun
from demo.tabs.load.run import LoadRun
from demo.tabs.services import view as services_view
from demo.tabs.table import view as table_view
from demo.templating import render
from demo.texts import Texts, texts_in
from demo.theme import CSS, PRINT_CSS
from hostlab.measure.machine import describe

MAX_CHARACTERS = 200  # of a text in a heading

_CSS = Path(__file__).with_name("report.css")
# The page has a switch for dark colors; a file follows the system, and is light on paper.
_DARK = re.compile(r"^\.dark (\{.*?\})", re.MULTILINE | re.DOTALL)
_DARK_BY_SYSTEM = r"@media screen and (prefers-color-scheme: dark) { :root \1 }"


@dataclass(frozen=True)
class ReportEntry:
    """One comparison or load of the report."""

    title: str
    content: Markup


def as_data(board: Board, session: Session) -> dict[str, Any]:
    """Return the session as plain data.

    `methods` are as they are now. For `table`, see demo/tabs/table/view.py.
    """
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": describe(),
        "methods": [_method(card) for card in board.cards()],
        "questions": export.as_data(session.entries(Comparison)),
        "loads": [run.as_dict() for run in session.entries(LoadRun)],
        "limits": [run.as_dict() for run in session.entries(LimitRun)],
        "table": table_view.as_data(),
    }


def as_json(board: Board, session: Session) -> str:
    """Return the same as JSON."""
    return json.dumps(as_data(board, session), ensure_ascii=False, indent=1)


def page(board: Board, session: Session, language: str) -> str:
    """Return the session as one HTML document without scripts and external resources."""
    texts = texts_in(language)
    document = render(
        "tabs/report/document.html.j2",
        texts=texts,
        style=_style(),
        made_at=time.strftime("%Y-%m-%d %H:%M"),
        contents=_contents(session, texts),
        facts=_facts(describe(), texts),
        cards=[services_view.card(card, texts) for card in board.cards()],
        comparisons=[_comparison(one, texts) for one in session.entries(Comparison)],
        loads=[_load(run, texts) for run in session.entries(LoadRun)],
        limits=[_limit(run, texts) for run in session.entries(LimitRun)],
        table=table_view.table(texts),
    )
    return str(document)


def _style() -> Markup:
    css = _DARK.sub(_DARK_BY_SYSTEM, CSS.read_text("utf-8"))
    return Markup(
        css + _CSS.read_text("utf-8") + f"@media print {{{PRINT_CSS.read_text('utf-8')}}}"
    )


def _method(card: Card) -> dict[str, Any]:
    components = [asdict(one.component) for one in card.components]
    return asdict(card.status) | {"state": card.state, "parts": components}


def _contents(session: Session, texts: Texts) -> dict[str, str]:
    """Return the title of each section by its id."""
    names = ["machine", "methods", "questions", "loads", "limits", "table"]
    if not session.entries(LimitRun):
        names.remove("limits")
    return {
        name: texts("limit.caption" if name == "limits" else f"report.{name}") for name in names
    }


def _facts(machine: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    """Return what the report states about the machine, by the name of its text."""
    return {
        "processor": machine["processor"],
        "threads": str(machine["threads"]),
        "memory": texts("report.gb", gb=texts.number(str(machine["memory_gb"]))),
        "system": machine["system"],
        "load_average": "; ".join(texts.number(str(one)) for one in machine["load_average_before"]),
        "model": os.environ.get("MODEL_ID") or texts("report.shipped"),
        "versions": ", ".join(f"{name} {version}" for name, version in machine["versions"].items()),
    }


def _comparison(comparison: Comparison, texts: Texts) -> ReportEntry:
    text, more = comparison.texts[0], len(comparison.texts) - 1
    short = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    title = f"{clock(comparison.at)} {short}" + (f" (+{more})" if more else "")
    return ReportEntry(title, compare_view.results(comparison, texts))


def _load(run: LoadRun, texts: Texts) -> ReportEntry:
    content = load_view.state(run, texts, 0, 0) + load_view.results(run, texts)
    return ReportEntry(clock(run.began), content)


def _limit(run: LimitRun, texts: Texts) -> ReportEntry:
    content = limit_view.state(run, texts, 0, 0) + limit_view.results(run, texts)
    return ReportEntry(clock(run.began), content)
