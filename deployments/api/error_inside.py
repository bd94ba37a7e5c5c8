"""Some servers answer with status 200 and an error inside.

LM Studio does so for addresses that it does not have
(https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1323), and gateways do so once a
provider of theirs has failed. Such a response gets the status that it should have had, before the
`openai` package reads it; so the rest of the code knows one kind of error only.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

# A response with one of these is an answer, whatever else it contains
_ANSWERS = ("choices", "answers", "data")
_NO_SUCH_ADDRESS = "unexpected endpoint"  # LM Studio: "Unexpected endpoint or method. (POST …)"


async def give_error_its_status(response: httpx2.Response) -> None:
    """Change the status of a response that says 200 and is an error. An httpx2 event hook."""
    if response.status_code != 200:
        return
    try:
        body = json.loads(await response.aread())
    except (ValueError, RecursionError):
        return
    if isinstance(body, dict) and (status := _status(body)):
        response.status_code = status


def _status(body: Mapping[str, Any]) -> int | None:
    """Return the status that belongs to the error in `body`, or None if there is none."""
    error = body.get("error")
    if not error or any(body.get(name) for name in _ANSWERS):
        return None
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    return 404 if _NO_SUCH_ADDRESS in str(error).lower() else 400
