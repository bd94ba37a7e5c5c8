"""A button that makes a file and hands it to the browser in one press. The file is made when asked for and lies nowhere on this machine."""

from collections.abc import Callable

import gradio as gr

from demo.tabs.tab import QUIET

_SAVE = """(text, name) => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(['\\ufeff'.repeat(name.endsWith('.csv')) + text]))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}"""  # a spreadsheet takes a CSV for UTF-8 only where it begins with that mark


class Download:
    """The button; `connect` says what its file holds."""

    def __init__(self, label: str, file: str, elem_id: str) -> None:
        self.button = gr.Button(label, size="sm", elem_id=elem_id, scale=0, min_width=130)
        self._text = gr.Textbox(visible="hidden", show_label=False)
        self._file = gr.Textbox(file, visible="hidden", show_label=False)

    def connect(self, make: Callable[..., str], inputs: object) -> None:
        """Let `make`, called with `inputs`, return what the file holds."""
        made = self.button.click(make, inputs, self._text, **QUIET)
        made.then(None, [self._text, self._file], js=_SAVE, api_visibility="private")
