"""The row of the Load tab that chooses which earlier loads are drawn behind the charts."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from demo.board import Board
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.load import earlier
from demo.tabs.load.run import LoadRun
from demo.tabs.load.saved_form import SavedLoad
from demo.templating import problem
from demo.texts import Texts
from hostlab.errors import BadInput

Listing = tuple[str, tuple[str, ...]]  # the language, and when each load began


class EarlierPanel:
    """A list of this session's loads, and a button that adds those of a saved session."""

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self._board, self._reader = board, reader
        self.listed = gr.State()  # what this page lists already
        with gr.Row(elem_id="load-earlier-row"):
            self.choice = gr.Dropdown(
                [],
                multiselect=True,
                max_choices=earlier.MAX_BEHIND,
                label=initial("earlier.choice"),
                elem_id="load-earlier",
                scale=6,
                min_width=280,
            )
            self.upload = gr.UploadButton(
                initial("earlier.upload"),
                file_types=[".json"],
                size="sm",
                elem_id="load-earlier-file",
                scale=0,
                min_width=230,
            )
        self.notice = gr.HTML(apply_default_css=False, elem_id="load-earlier-notice")

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.upload, self.notice, *self.live]

    @property
    def live(self) -> list[gr.blocks.Block]:
        """What changes when a load ends."""
        return [self.choice, self.listed]

    def connect(self, results: gr.HTML, draw: Callable[[Reader], Markup]) -> None:
        """Connect the events. `draw` returns what `results` shows."""

        def choose(reader: Reader, chosen: list[str]) -> Markup:
            reader.behind = tuple(chosen)
            return draw(reader)

        def load(reader: Reader, path: str) -> Updates:
            if error := self._load(reader, Path(path)):
                return {self.notice: problem(error)}
            return {self.notice: "", results: draw(reader)} | self._current(reader)

        self.choice.input(choose, [self._reader, self.choice], results, **PRIVATE)
        outputs = [self.notice, *self.live, results]
        self.upload.upload(load, [self._reader, self.upload], outputs, **PRIVATE)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        own: Updates = {self.upload: gr.update(label=texts("earlier.upload")), self.notice: ""}
        return own | self._current(reader)

    def news(self, reader: Reader, listed: Listing | None) -> Updates:
        """List the loads if the page lists something else."""
        return {} if listed == self._listing(reader) else self._current(reader)

    def behind(self, reader: Reader) -> list[SavedLoad]:
        """Return the loads to draw, in the order in which the reader chose them."""
        known = self._known(reader) if reader.behind else {}
        return [known[began] for began in reader.behind if began in known]

    def _known(self, reader: Reader) -> dict[str, SavedLoad]:
        shown = self._board.run_queue.run_for(reader.session, LoadRun)
        return earlier.known(reader.session, shown)

    def _listing(self, reader: Reader) -> Listing:
        return reader.language, tuple(self._known(reader))

    def _current(self, reader: Reader) -> Updates:
        texts, known = reader.texts, self._known(reader)
        return {
            self.choice: gr.update(
                choices=[(earlier.title(load, texts), began) for began, load in known.items()],
                value=[began for began in reader.behind if began in known],
                label=texts("earlier.choice"),
                info=texts("earlier.info" if known else "earlier.none", count=earlier.MAX_BEHIND),
            ),
            self.listed: (reader.language, tuple(known)),
        }

    def _load(self, reader: Reader, path: Path) -> str:
        """Add the loads of a file, and choose the newest; return why not, or nothing."""
        try:
            loaded = earlier.read(path, reader.texts)
        except BadInput as error:
            return str(error)
        reader.session.add(loaded)
        newest = max(load.began for load in loaded.loads).isoformat()
        kept = [began for began in reader.behind if began != newest]
        reader.behind = (*kept, newest)[-earlier.MAX_BEHIND :]
        return ""
