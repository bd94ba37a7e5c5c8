"""The page: its header, its tabs, and the language and history of each reader."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import gradio as gr
from markupsafe import Markup

from demo import api
from demo.board import Board
from demo.connections import OrderedBlocks
from demo.events import PRIVATE, Updates
from demo.session import Reader, Sessions, new_key
from demo.tabs.compare.tab import CompareTab
from demo.tabs.dialogue.tab import DialogueTab
from demo.tabs.guests.tab import GuestsTab
from demo.tabs.load.tab import LoadTab
from demo.tabs.report.tab import ReportTab
from demo.tabs.services.tab import ServicesTab
from demo.tabs.tab import PageTab
from demo.tabs.table.tab import TableTab
from demo.templating import render
from demo.texts import LANGUAGES, Texts, preferred, texts_in
from hostlab.http import is_loopback

TABS: tuple[type[PageTab], ...] = (
    CompareTab,
    DialogueTab,
    ServicesTab,
    LoadTab,
    GuestsTab,
    TableTab,
    ReportTab,
)

_SET_LANGUAGE = "language => { document.documentElement.lang = language }"  # for screen readers
_TOGGLE_DARK = """() => {
  document.querySelectorAll(':root, body').forEach(one => one.classList.toggle('dark'))
}"""


def build(board: Board) -> gr.Blocks:
    """Return the page over `board`, not yet launched."""
    sessions = Sessions()
    blocks = OrderedBlocks(title="Hosting Lab", analytics_enabled=False)
    with blocks:
        page = Page(board, sessions, texts_in("en"))
        api.connect(board, sessions)
        page.connect(blocks)
    return blocks


class Page:
    """The components of the page and what they do. What a tab shows is the tab's own business."""

    def __init__(self, board: Board, sessions: Sessions, initial: Texts) -> None:
        self.sessions = sessions
        self.reader = gr.State(Reader())
        # Kept in the reader's browser. With a secret of this process, it would be unreadable after
        # a restart of the demo.
        self.remembered = gr.BrowserState(
            None, storage_key="hosting-lab-language", secret="not a secret"
        )
        self.key = gr.BrowserState(None, storage_key="hosting-lab-session", secret="not a secret")
        self._place_header(initial)
        self.tabs: dict[gr.Tab, PageTab] = {}
        with gr.Tabs(elem_id="tabs"):
            for kind in TABS:
                label = initial(f"tabs.{kind.name}")
                with gr.Tab(label, id=kind.name, elem_id=f"tab-{kind.name}") as place:
                    self.tabs[place] = kind(board, initial, self.reader)

    def _place_header(self, initial: Texts) -> None:
        with gr.Row(elem_id="head"):
            self.head = gr.HTML(_head(initial), scale=6, min_width=280, apply_default_css=False)
            self.language = gr.Radio(
                [(name, language) for language, name in LANGUAGES.items()],
                value="en",
                label=initial("page.language"),
                show_label=False,  # for screen readers only
                container=False,
                elem_id="language",
                scale=0,
                min_width=270,
            )
            self.dark = gr.Button(
                initial("page.theme"), size="sm", elem_id="theme", scale=0, min_width=180
            )

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        in_tabs = [one for tab in self.tabs.values() for one in tab.components]
        return [self.head, self.language, self.dark, *self.tabs, *in_tabs]

    def connect(self, blocks: gr.Blocks) -> None:
        """Connect the events."""
        for tab in self.tabs.values():
            tab.connect()
        blocks.load(
            self._load,
            [self.remembered, self.key, self.reader],
            [self.key, *self.components],
            **PRIVATE,
        )
        self.language.input(
            self._switch_language,
            [self.language, self.reader],
            [self.remembered, *self.components],
            **PRIVATE,
        )
        self.language.change(None, self.language, js=_SET_LANGUAGE, api_visibility="private")
        self.dark.click(None, js=_TOGGLE_DARK, api_visibility="private")
        timers = [timer for tab in self.tabs.values() for timer in tab.timers]
        for place, tab in self.tabs.items():
            outputs = [*timers, *tab.components]
            place.select(self._on_open(tab), self.reader, outputs, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        updates: Updates = {
            self.head: _head(texts),
            self.language: gr.update(value=reader.language, label=texts("page.language")),
            self.dark: gr.update(value=texts("page.theme")),
        }
        for place, tab in self.tabs.items():
            updates[place] = gr.update(label=texts(f"tabs.{tab.name}"))
            updates |= tab.show(reader)
        return updates

    def _load(
        self, remembered: str | None, key: str | None, reader: Reader, request: gr.Request
    ) -> Updates:
        key = key or new_key()
        reader.join(self.sessions.of(key))
        accepted = preferred(request.headers.get("accept-language", ""))
        reader.language = remembered if remembered in LANGUAGES else accepted
        reader.local = opened_on_this_machine(request.headers)
        return {self.key: key} | self.show(reader)

    def _switch_language(self, language: str, reader: Reader) -> Updates:
        reader.language = language
        return {self.remembered: language} | self.show(reader)

    def _on_open(self, opened: PageTab) -> Callable[[Reader], Updates]:
        def on_open(reader: Reader) -> Updates:
            timers: Updates = {
                timer: gr.update(active=tab is opened)
                for tab in self.tabs.values()
                for timer in tab.timers
            }
            return timers | opened.show(reader)

        return on_open


def opened_on_this_machine(headers: Mapping[str, str]) -> bool:
    """Return whether the browser's address bar shows this machine.

    The browser states in Origin what it shows. Host may be the work of a proxy between the two.
    """
    origin = headers.get("origin") or f"//{headers.get('host', '')}"
    return is_loopback(urlsplit(origin).hostname or "")


def _head(texts: Texts) -> Markup:
    return render("head.html.j2", texts=texts)
