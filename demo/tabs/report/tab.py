"""The Report tab: the file of this session, to look at and to save."""

from html import escape
from typing import ClassVar

import gradio as gr

from demo.board import Board
from demo.download import Download
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.compare.comparison import Comparison
from demo.tabs.load.run import LoadRun
from demo.tabs.report import document as report
from demo.texts import Texts, texts_in
from hostlab.measure.report.files import kept

TICK_S = 1.0


class ReportTab:
    """The components of the Report tab and what they do. A file is made when it is asked for, of what is there then."""

    name: ClassVar[str] = "report"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.lead = gr.Markdown(initial("report.lead"))
        with gr.Row(elem_classes="hl-buttons"):
            self.html = Download(initial("report.html"), "hosting-lab-report.html", "report-html")
            self.json = Download(initial("report.json"), "hosting-lab-report.json", "report-json")
        self.preview = gr.HTML(apply_default_css=False, elem_id="report-preview")
        self.seen = gr.State()  # what the preview shows already
        self.timers = [gr.Timer(TICK_S, active=False)]

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All that `show` changes."""
        return [self.lead, self.html.button, self.json.button]

    def connect(self) -> None:
        """Wire the events. Programs use the endpoints of demo.api."""
        self.html.connect(
            lambda reader: report.page(self.board, reader.session, reader.language), self.reader
        )
        self.json.connect(lambda reader: report.as_json(self.board, reader.session), self.reader)
        self.timers[0].tick(
            self._tick, [self.reader, self.seen], [self.preview, self.seen], **PRIVATE
        )

    def show(self, reader: Reader) -> Updates:
        said = texts_in(reader.language)
        labels = {
            self.html.button: gr.update(value=said("report.html")),
            self.json.button: gr.update(value=said("report.json")),
        }
        return labels | {self.lead: said("report.lead")}

    def _tick(self, reader: Reader, seen: object) -> object:
        """Show the report anew when something has come to it. Only here, while the tab is open: it may be long."""
        session, now = reader.session, [card.state for card in self.board.cards()]
        asked = [(id(one), one.stage) for one in session.entries(Comparison)]
        stands = (
            reader.language,
            asked,
            [(id(run), run.state) for run in session.entries(LoadRun)],
            now,
            [str(file) for file in kept()],
        )
        return (
            gr.skip()
            if stands == seen
            else {self.preview: self._preview(reader), self.seen: stands}
        )

    def _preview(self, reader: Reader) -> str:
        """Return the very file in a frame of its own, where no style of the page reaches it, and no script may run."""
        made = escape(report.page(self.board, reader.session, reader.language), quote=True)
        title = escape(texts_in(reader.language)("report.preview"), quote=True)
        return f'<iframe class="hl-report" title="{title}" sandbox="" srcdoc="{made}"></iframe>'
