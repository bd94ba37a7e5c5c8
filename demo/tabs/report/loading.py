"""The row of the Report tab that loads saved reports, and what changed between them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.report import document, saved
from demo.tabs.report.changes import LoadedReports, comparison
from demo.tabs.report.saved import SavedReport
from demo.templating import problem
from demo.texts import Texts
from hostlab.errors import BadInput

Place = Literal["then", "now"]


class ReportLoading:
    """Two upload buttons, and the comparison. The files that a reader loads are theirs alone."""

    def __init__(self, board: Board, initial: Texts) -> None:
        self.board = board
        self.lead = gr.Markdown(initial("changes.lead"), elem_classes="hl-screen")
        with gr.Row(elem_classes="hl-buttons"):
            self.uploads: dict[Place, gr.UploadButton] = {
                "then": _upload("then", initial),
                "now": _upload("now", initial),
            }
            self.close = gr.Button(
                initial("changes.close"),
                size="sm",
                elem_id="changes-close",
                scale=0,
                min_width=200,
                interactive=False,
            )
        self.notice = gr.HTML(apply_default_css=False, elem_id="changes-notice")
        self.changes = gr.HTML(apply_default_css=False, elem_id="changes")

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.lead, *self.uploads.values(), *self._outcome]

    @property
    def _outcome(self) -> list[gr.blocks.Block]:
        return [self.notice, self.changes, self.close]

    def connect(self, reader: gr.State) -> None:
        """Connect the events."""
        for place, button in self.uploads.items():
            load: Callable[[str, Reader], Updates] = partial(self._load, place)
            button.upload(load, [button, reader], self._outcome, **PRIVATE)
        self.close.click(self._close, reader, self._outcome, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language. What is loaded stays."""
        texts = reader.texts
        labels: Updates = {
            button: gr.update(label=texts(f"changes.{place}"))
            for place, button in self.uploads.items()
        }
        return {self.lead: texts("changes.lead")} | labels | self._current(reader)

    def compared(self, reader: Reader) -> Markup:
        """Return what changed between the loaded reports; empty where none is loaded."""
        loaded = reader.session.last(LoadedReports)
        if loaded is None:
            return Markup()
        now = loaded.now or self._on_the_page(loaded.then, reader)
        return comparison(loaded.then, now, reader.texts)

    def _on_the_page(self, then: SavedReport, reader: Reader) -> SavedReport | None:
        """Return what the page holds now that is of the same kind."""
        if then.kind == "measurement":
            return saved.newest_measurement()
        return saved.of_session(document.as_data(self.board, reader.session))

    def _load(self, place: Place, path: str, reader: Reader) -> Updates:
        loaded = reader.session.last(LoadedReports)
        if place == "now" and loaded is None:
            return self._current(reader, reader.texts("changes.first_then"))
        try:
            report = saved.read(Path(path), reader.texts)
        except BadInput as error:
            return self._current(reader, str(error))
        reader.session.clear(LoadedReports)
        if place == "now" and loaded is not None:
            reader.session.add(LoadedReports(loaded.then, report))
        else:
            reader.session.add(LoadedReports(report))
        return self._current(reader)

    def _close(self, reader: Reader) -> Updates:
        reader.session.clear(LoadedReports)
        return self._current(reader)

    def _current(self, reader: Reader, error: str = "") -> Updates:
        is_loaded = reader.session.last(LoadedReports) is not None
        return {
            self.notice: problem(error) if error else "",
            self.changes: self.compared(reader),
            self.close: gr.update(value=reader.texts("changes.close"), interactive=is_loaded),
        }


def _upload(place: Place, initial: Texts) -> gr.UploadButton:
    return gr.UploadButton(
        initial(f"changes.{place}"),
        file_types=[".json"],
        size="sm",
        elem_id=f"changes-{place}",
        scale=0,
        min_width=230,
    )
