"""The page: its head, its tabs, and the language and history of each reader. What a tab shows is its panel's business."""

import gradio as gr

from demo import api, measure_api
from demo.board import Board
from demo.session import Reader, Sessions, new_key
from demo.tabs.compare.tab import ComparePanel
from demo.tabs.load.tab import LoadPanel
from demo.tabs.report.tab import ReportPanel
from demo.tabs.services.tab import ServicesPanel
from demo.tabs.tab import QUIET, Panel, Updates
from demo.tabs.table.tab import TablePanel
from demo.texts import LANGUAGES, Texts, preferred, texts

PANELS: tuple[type[Panel], ...] = (ComparePanel, ServicesPanel, LoadPanel, TablePanel, ReportPanel)

_SPEAK = "language => { document.documentElement.lang = language }"  # for those who hear the page
_TOGGLE_DARK = "() => { document.querySelectorAll(':root, body').forEach(one => one.classList.toggle('dark')) }"


def build(board: Board) -> gr.Blocks:
    """Return the page over `board`, not yet launched."""
    initial, sessions = texts("en"), Sessions()
    with gr.Blocks(title="Hosting Lab", analytics_enabled=False) as page:
        reader = gr.State(Reader())
        # kept in the reader's browser, as it is: a secret of ours would make it unreadable after a restart
        remembered = gr.BrowserState(
            None, storage_key="hosting-lab-language", secret="not a secret"
        )
        key = gr.BrowserState(None, storage_key="hosting-lab-session", secret="not a secret")
        with gr.Row(elem_id="head"):
            head = gr.HTML(_head(initial), scale=6, min_width=280, apply_default_css=False)
            names = [(name, language) for language, name in LANGUAGES.items()]
            language = gr.Radio(
                names,
                value="en",
                show_label=False,
                container=False,
                elem_id="language",
                scale=0,
                min_width=270,
            )
            dark = gr.Button(
                initial("page.theme"), size="sm", elem_id="theme", scale=0, min_width=180
            )
        tabs: dict[gr.Tab, Panel] = {}
        with gr.Tabs(elem_id="tabs"):
            for panel in PANELS:
                with gr.Tab(
                    initial(f"tabs.{panel.name}"), id=panel.name, elem_id=f"tab-{panel.name}"
                ) as tab:
                    tabs[tab] = panel(board, initial, reader)
        timers = {timer: panel.name for panel in tabs.values() for timer in panel.timers}
        for panel in tabs.values():
            panel.connect()
        api.connect(board, sessions)
        measure_api.connect(board, sessions)

        everything = [
            head,
            dark,
            *tabs,
            *(component for panel in tabs.values() for component in panel.components),
        ]

        def show(reader: Reader) -> Updates:
            said = texts(reader.language)
            updates: Updates = {head: _head(said), dark: gr.update(value=said("page.theme"))}
            for tab, panel in tabs.items():
                updates |= {tab: gr.update(label=said(f"tabs.{panel.name}"))} | panel.show(reader)
            return updates

        def first(
            kept: str | None, known: str | None, reader: Reader, request: gr.Request
        ) -> Updates:
            mine = known or new_key()
            reader.join(sessions.of(mine))
            reader.language = (
                kept if kept in LANGUAGES else preferred(request.headers.get("accept-language", ""))
            )
            return {key: mine, language: reader.language} | show(reader)

        def switched(chosen: str, reader: Reader) -> Updates:
            reader.language = chosen
            return {remembered: chosen} | show(reader)

        def opened(panel: Panel):
            def open_(reader: Reader) -> Updates:
                return {
                    timer: gr.update(active=name == panel.name) for timer, name in timers.items()
                } | panel.show(reader)

            return open_

        page.load(first, [remembered, key, reader], [key, language, *everything], **QUIET)
        language.input(switched, [language, reader], [remembered, *everything], **QUIET)
        language.change(None, language, js=_SPEAK, api_visibility="private")
        dark.click(None, js=_TOGGLE_DARK, api_visibility="private")
        for tab, panel in tabs.items():
            tab.select(opened(panel), reader, [*timers, *panel.components], **QUIET)
    return page


def _head(said: Texts) -> str:
    return f"<h1>{said('page.title')}</h1><p>{said('page.lead')}</p>"
