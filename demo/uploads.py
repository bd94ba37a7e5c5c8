"""Files that readers upload: in a private folder that the demo removes, and never too large."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.report_file import MAX_REPORT_BYTES
from demo.texts import preferred, texts_in
from hostlab.errors import HostingLabError

# What a form has around its one file: boundaries, headers, the file's name.
_FORM_BYTES = 16_000


@contextlib.contextmanager
def private_folder() -> Iterator[None]:
    """Let Gradio keep uploads in a folder that only this user can read, and remove it at the end.

    Gradio's own default, /tmp/gradio, is shared by all users of the machine, and stays. To be
    called before gradio is imported. Raises HostingLabError where the folder cannot be made.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="hosting-lab-", ignore_cleanup_errors=True)
    except OSError as error:
        raise HostingLabError(
            f"The demo cannot make a folder for uploads: {error}. Free some space, or name another "
            "folder in the environment variable TMPDIR."
        ) from error
    with folder as path:
        os.environ["GRADIO_TEMP_DIR"] = path
        yield


class UploadLimit:
    """Middleware that rejects a form that is too large, before any of it is written.

    Gradio's own limit, `max_file_size`, writes as much as it allows, up to a thousand times in one
    form.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a form that is too large, and pass everything else on."""
        rejection = _rejection(Headers(scope=scope)) if scope["type"] == "http" else None
        if rejection is None:
            await self._app(scope, receive, send)
            return
        # A browser reports a broken connection, and not the answer, unless all of it is taken.
        while (await receive()).get("more_body"):
            pass
        await rejection(scope, receive, send)


def _rejection(headers: Headers) -> PlainTextResponse | None:
    if not headers.get("content-type", "").lower().startswith("multipart/"):
        return None
    if "content-length" not in headers:
        return PlainTextResponse("State the size of the form: send Content-Length.", 411)
    size = int(headers["content-length"])
    if size <= MAX_REPORT_BYTES + _FORM_BYTES:
        return None
    texts = texts_in(preferred(headers.get("accept-language", "")))
    size_mb, limit_mb = f"{size / 1e6:.1f}", f"{MAX_REPORT_BYTES / 1e6:g}"
    return PlainTextResponse(texts("problem.upload_size", size=size_mb, limit=limit_mb), 413)
