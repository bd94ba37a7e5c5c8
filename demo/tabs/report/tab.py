"""The Report tab: the file of this session with a preview, and the comparison with earlier ones."""

from typing import ClassVar

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.download import Download
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.compare.comparison import Comparison
from demo.tabs.load.limit_run import LimitRun
from demo.tabs.load.run import LoadRun
from demo.tabs.report import document
from demo.tabs.report.loading import ReportLoading
from demo.templating import render
from demo.texts import Texts
from hostlab.measure.report.files import kept

TICK_S = 1.0


class ReportTab:
    """The components of the Report tab and what they do. A file is made when it is saved."""

    name: ClassVar[str] = "report"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.lead = gr.Markdown(initial("report.lead"), elem_classes="hl-screen")
        with gr.Row(elem_classes="hl-buttons"):
            self.html = Download(initial("report.html"), "hosting-lab-report.html", "report-html")
            self.json = Download(initial("report.json"), "hosting-lab-report.json", "report-json")
        self.loading = ReportLoading(board, initial)
        self.preview = gr.HTML(apply_default_css=False, elem_id="report-preview")
        self.shown = gr.State()  # what the preview shows already
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.lead, self.html.button, self.json.button, *self.loading.components]

    def connect(self) -> None:
        """Connect the events."""
        self.html.connect(self._page, self.reader)
        self.json.connect(lambda reader: document.as_json(self.board, reader.session), self.reader)
        self.loading.connect(self.reader)
        changing = [self.preview, self.loading.changes, self.shown]
        self.timers[0].tick(self._tick, [self.reader, self.shown], changing, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language, except the preview.

        The preview may be long, so only the tick makes it, while the tab is open.
        """
        texts = reader.texts
        own: Updates = {
            self.lead: texts("report.lead"),
            self.html.button: gr.update(value=texts("report.html")),
            self.json.button: gr.update(value=texts("report.json")),
        }
        return own | self.loading.show(reader)

    def _tick(self, reader: Reader, shown: object) -> object:
        """Update the preview if the report has changed."""
        showing = self._showing(reader)
        if shown == showing:
            return gr.skip()
        return {
            self.preview: self._preview(reader),
            self.loading.changes: self.loading.compared(reader),
            self.shown: showing,
        }

    def _showing(self, reader: Reader) -> object:
        """Return what the report depends on, to compare it with what the page shows already."""
        session = reader.session
        return (
            reader.language,
            [(id(one), one.stage) for one in session.entries(Comparison)],
            [(id(run), run.state) for run in session.entries(LoadRun)],
            [(id(run), run.state) for run in session.entries(LimitRun)],
            [card.state for card in self.board.cards()],
            [str(file) for file in kept()],
        )

    def _page(self, reader: Reader) -> str:
        return document.page(self.board, reader.session, reader.language)

    def _preview(self, reader: Reader) -> Markup:
        return render(
            "tabs/report/preview.html.j2",
            title=reader.texts("report.preview"),
            document=self._page(reader),
        )
