"""The page: what stands where, and the language of each reader. A further part is one more module like the two panels."""

import gradio as gr

from . import api
from .board import Board
from .compare_panel import ComparePanel, Reader
from .services_panel import ServicesPanel, Updates
from .texts import LANGUAGES, Texts, preferred, texts

_TOGGLE_DARK = "() => { document.querySelectorAll(':root, body').forEach(one => one.classList.toggle('dark')) }"


def build(board: Board) -> gr.Blocks:
    """Return the page over `board`, not yet launched."""
    initial = texts("en")
    with gr.Blocks(title="Hosting Lab", analytics_enabled=False) as page:
        # kept in the reader's browser; a secret would only make it unreadable after a restart, and there is none in it
        remembered = gr.BrowserState(None, storage_key="hosting-lab-language", secret="not a secret")
        with gr.Row(elem_id="head"):
            head = gr.HTML(_head(initial), scale=6, min_width=280, apply_default_css=False)
            names = [(name, language) for language, name in LANGUAGES.items()]
            language = gr.Radio(names, value="en", show_label=False, container=False, elem_id="language", scale=0, min_width=270)
            dark = gr.Button(initial("page.theme"), size="sm", elem_id="theme", scale=0, min_width=180)
        with gr.Row(elem_id="halves"):
            with gr.Column(scale=6, min_width=300):
                comparing = ComparePanel(board, initial)
            with gr.Column(scale=5, min_width=300, elem_id="methods"):
                services = ServicesPanel(board, initial)
        comparing.results_here(initial)
        comparing.connect()
        services.connect(language)
        api.connect(board)

        everything = [head, dark, *comparing.components, *services.components]

        def show(chosen: str, reader: Reader) -> Updates:
            said, reader.language = texts(chosen), chosen
            own: Updates = {head: _head(said), dark: gr.update(value=said("page.theme"))}
            return own | comparing.show(reader) | services.show(chosen)

        def first(kept: str | None, reader: Reader, request: gr.Request) -> Updates:
            chosen = kept if kept in LANGUAGES else preferred(request.headers.get("accept-language", ""))
            return {language: chosen} | show(chosen, reader)

        def switched(chosen: str, reader: Reader) -> Updates:
            return {remembered: chosen} | show(chosen, reader)

        own = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
        page.load(first, [remembered, comparing.reader], [language, *everything], **own)
        language.input(switched, [language, comparing.reader], [remembered, *everything], **own)
        dark.click(None, js=_TOGGLE_DARK, api_visibility="private")
    return page


def _head(said: Texts) -> str:
    return f"<h1>{said('page.title')}</h1><p>{said('page.lead')}</p>"
