"""A button that makes a file and hands it to the browser. The file never lies on this machine."""

from collections.abc import Callable

import gradio as gr

from demo.events import PRIVATE

# The name gets the local time: one session after another has the same report, with other figures.
# A spreadsheet reads a CSV as UTF-8 only if it begins with a byte order mark.
_SAVE = """(text, name) => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(['\\ufeff'.repeat(name.endsWith('.csv')) + text]))
  const now = new Date()
  const local = new Date(now - now.getTimezoneOffset() * 60000).toISOString()
  const at = local.slice(0, 16).replace('T', '-').replace(':', '')
  link.download = name.replace(/(?=\\.\\w+$)/, '-' + at)
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}"""


class Download:
    """The button; `connect` says what its file contains."""

    def __init__(self, label: str, file: str, elem_id: str) -> None:
        """`file` is the file's name, to which the time is added."""
        self.button = gr.Button(label, size="sm", elem_id=elem_id, scale=0, min_width=170)
        self._text = gr.Textbox(visible="hidden", show_label=False)
        self._file = gr.Textbox(file, visible="hidden", show_label=False)

    def connect(self, make: Callable[..., str], inputs: gr.State) -> None:
        """Let `make`, called with the values of `inputs`, return what the file contains."""
        made = self.button.click(make, inputs, self._text, **PRIVATE)
        made.then(None, [self._text, self._file], js=_SAVE, api_visibility="private")
