"""Text and tables on a terminal: strings appear as they are, and tables fit at any width.

rich reads markup, such as `[red]`, in every string unless it is told not to. What people classify,
and what services and tools respond, may hold brackets, and control characters that a terminal would
obey.
"""

import sys
import unicodedata
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_KEPT = "\n\t"
_WIDTH_WITHOUT_TERMINAL = 200  # in a file or a pipe, where rich would take 80


class PlainConsole(Console):
    """A console that prints strings as they are, with control characters as escapes."""

    def __init__(self, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else _WIDTH_WITHOUT_TERMINAL
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the text of a string, of a cell of a table, or of its title."""
        return super().render_str(visible(text), **options)


def visible(text: str) -> str:
    """Return `text` with its control characters as escapes, such as `\\x1b`."""
    return "".join(
        repr(one)[1:-1] if unicodedata.category(one) == "Cc" and one not in _KEPT else one
        for one in text
    )


def print_table(table: Table, out: PlainConsole) -> None:
    """Print a table or, where it is wider than the terminal, each row as a list.

    rich would cut words, and make columns so narrow that nothing is left of them.
    """
    if _narrowest(table, out) <= out.width:
        out.print(table)
        return
    if table.title:
        out.print(table.title, soft_wrap=True)
    names = [str(column.header) for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        for name, cell in zip(names, map(str, row), strict=True):
            if cell:
                out.print(f"{name}: {cell}" if name else cell, soft_wrap=True)
        out.print()
    if table.caption:
        out.print(table.caption, soft_wrap=True)


def _narrowest(table: Table, out: PlainConsole) -> int:
    """Return the width from which on rich breaks no word: it takes from the widest columns first,
    so that each of them keeps an equal share.
    """
    width = 3 * len(table.columns) + 1  # the lines between columns, and a space on each side
    words = []
    for column in table.columns:
        cells = (column.header, *column.cells)
        sizes = [Measurement.get(out, out.options, cell) for cell in cells]
        if column.no_wrap:
            width += max(size.maximum for size in sizes)
        else:
            words.append(max(size.minimum for size in sizes))
    return width + len(words) * max(words, default=0)
