"""What the tests of the HTTP contract send, and what they expect of an error."""

from typing import Any

import requests

from deployments.services.contract import MAX_CHARACTERS, MAX_TEXTS
from hostlab.deployment import Deployment

JSON = {"Content-Type": "application/json"}
TEXTS = [
    "An utterly charming film.",
    "I hated every minute.",
    "not bad",
    "It's a mess, don't bother.",
    "a " * 300,
    "😀",
    "Пожалуй, хорошо.",
]
NOT_JSON = {
    "empty": b"",
    "cut off": b"{",
    "bare word": b"text",
    "invalid UTF-8": b'{"text": "\xff\xfe"}',
    "NaN": b"NaN",
    "NaN inside": b'{"text": NaN}',
    "Infinity": b'{"text": Infinity}',
    "deep nesting": b"[" * 100_000,
    "huge number": b'{"text": ' + b"9" * 10_000 + b"}",
}
# each with a part of the detail of its problem
BAD_FIELDS: list[tuple[object, str]] = [
    ({}, "required"),
    ([], "body"),
    ("text", "body"),
    ({"text": None}, "text"),
    ({"text": 5}, "text"),
    ({"text": []}, "text"),
    ({"text": ""}, "text"),
    ({"text": " \n"}, "white space"),
    ({"text": "\u200b\u200d\ufeff"}, "invisible"),
    ({"text": "\0\0"}, "invisible"),
    ({"text": ["good", "\u3164\ufe0f\u2800"]}, "text/1"),
    ({"text": ["good", ""]}, "text/1"),
    ({"text": ["good", 5]}, "text/1"),
    ({"text": "good", "lang": "en"}, "Extra"),
    ({"text": "x" * (MAX_CHARACTERS + 1)}, str(MAX_CHARACTERS)),
    ({"text": ["x"] * (MAX_TEXTS + 1)}, str(MAX_TEXTS)),
    ({"text": "\ud800"}, "text"),
]


def post(
    service: Deployment, body: bytes | str, headers: dict[str, str] = JSON
) -> requests.Response:
    """Send a body to /predict as it is."""
    return requests.post(f"{service.url}/predict", data=body, headers=headers, timeout=30)


def assert_problem(response: requests.Response, status: int) -> dict[str, Any]:
    """Check that a response is a problem of RFC 9457, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["title"] and len(problem["detail"]) > 20, (
        "a problem explains what failed and what to do"
    )
    assert "Traceback" not in response.text
    return problem
