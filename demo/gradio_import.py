"""Import Gradio without its type stubs, and without the proxies of the environment.

For each of its component classes, Gradio parses its own source code during the import, and rewrites
the stubs (.pyi) beside it. That takes about a third of the time that the import takes, needs a
writable environment, and nothing here reads the stubs. Gradio leaves out a class whose source file
cannot be found, as in a notebook. So, while it is imported, it finds none.

Gradio makes its HTTP clients with httpx, during the import and at the start, when it calls its own
address. httpx rejects `all_proxy=socks://…`, needs another package for `socks5://…`, and both end
the import (https://github.com/gradio-app/gradio/issues/4007). The page calls nobody but itself. So
httpx, which Gradio is the first to import here, gets a function that knows no proxy. The
environment stays as it is, because the services that the demo starts may need a proxy.
"""

import contextlib
import inspect
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

_find = inspect.getfile


@contextlib.contextmanager
def without_stubs_and_proxies() -> Iterator[None]:
    """Let Gradio find no source files while it is imported, and httpx no proxies from then on."""
    with (
        mock.patch("inspect.getfile", _find_for_others),
        mock.patch("urllib.request.getproxies", dict),
    ):
        yield


def _find_for_others(of: Any) -> str:
    if sys._getframe(1).f_globals.get("__name__") == "gradio.component_meta":
        raise OSError("no type stubs are needed")
    return _find(of)
