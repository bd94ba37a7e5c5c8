"""The history below a comparison: what the reader has asked so far, and its export."""

import gradio as gr

from demo.download import Download
from demo.events import Updates
from demo.formatting import clock
from demo.session import Reader
from demo.tabs.compare import export
from demo.tabs.compare.agreement import labels
from demo.tabs.compare.comparison import Comparison
from demo.texts import Texts

MAX_CHARACTERS = 60  # of a text in the list


class HistoryRow:
    """The list of questions, and the buttons that save and clear it."""

    def __init__(self, initial: Texts) -> None:
        with gr.Row(elem_id="history-row"):
            self.list = gr.Dropdown(
                label=initial("history.title"), elem_id="history", scale=6, min_width=280
            )
            self.csv = Download(initial("history.csv"), "hosting-lab.csv", "export-csv")
            self.json = Download(initial("history.json"), "hosting-lab.json", "export-json")
            self.clear = gr.Button(
                initial("history.clear"), size="sm", elem_id="clear", scale=0, min_width=130
            )

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        return [self.list, self.csv.button, self.json.button, self.clear]

    def connect(self, reader: gr.State) -> None:
        """Connect the exports."""
        self.csv.connect(lambda reader: export.as_csv(_known(reader)), reader)
        self.json.connect(lambda reader: export.as_json(_known(reader)), reader)

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language."""
        texts = reader.texts
        return {
            self.list: self.update(reader),
            self.csv.button: gr.update(value=texts("history.csv")),
            self.json.button: gr.update(value=texts("history.json")),
            self.clear: gr.update(value=texts("history.clear")),
        }

    def update(self, reader: Reader) -> object:
        """Return the list with all questions, the newest first."""
        texts, known = reader.texts, _known(reader)
        newest = len(known) - 1 if known else None
        shown = (number for number, one in enumerate(known) if one is reader.shown)
        return gr.update(
            choices=[(_line(one), number) for number, one in enumerate(known)][::-1],
            value=next(shown, newest),
            label=texts("history.title"),
            info=texts("history.info", count=len(known)),
        )


def _known(reader: Reader) -> list[Comparison]:
    return reader.session.entries(Comparison)


def _line(comparison: Comparison) -> str:
    """Return one question as the list shows it."""
    text, more = comparison.texts[0], len(comparison.texts) - 1
    short = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    labeled = [row.labeled for row in comparison.rows if row.labeled]
    others = f" (+{more})" if more else ""
    result = labels(labeled[0]) if labeled else "✕"
    return f"{clock(comparison.at)}  {short}{others}  → {result} ({len(labeled)})"
