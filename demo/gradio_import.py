"""Import Gradio without its type stubs.

For each of its component classes, Gradio parses its own source code during the import, and rewrites
the stubs (.pyi) beside it. That takes about a third of the time that the import takes, needs a
writable environment, and nothing here reads the stubs. Gradio leaves out a class whose source file
cannot be found, as in a notebook. So, while it is imported, it finds none.
"""

import contextlib
import inspect
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

_find = inspect.getfile


@contextlib.contextmanager
def without_stubs() -> Iterator[None]:
    """Let Gradio find no source files while it is imported."""
    with mock.patch("inspect.getfile", _find_for_others):
        yield


def _find_for_others(of: Any) -> str:
    if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
        raise OSError("no type stubs are needed")
    return _find(of)
