"""Requests to a guest for the contract check, and what can be wrong with a response."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests
import urllib3

from deployments.services.prediction import Prediction
from deployments.services.problems import MEDIA_TYPE
from hostlab.bounded_http import ResponseTooLarge, bounded_session
from hostlab.client import MAX_LABEL_CHARACTERS, MAX_SCORE

TIMEOUT_S = 10.0  # of one response; the first one may load the model
EXCERPT_CHARACTERS = 120
JSON = {"Content-Type": "application/json"}


class Difference(Exception):
    """What came instead of what the contract says.

    `name` and `values` are of its sentence in the section [came] of the texts.
    """

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name, self.values = name, values


class Probe:
    """Sends requests to one service. All its methods raise Difference.

    `problems` are the error responses so far, each with what it is the response to.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.problems: list[tuple[str, requests.Response]] = []
        self._session = bounded_session()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = JSON
    ) -> requests.Response:
        """Send one request and return the response."""
        try:
            response = self._session.request(
                method, self.url + path, data=body, headers=dict(headers), timeout=TIMEOUT_S
            )
        except requests.Timeout as error:
            raise Difference("too_late", seconds=f"{TIMEOUT_S:g}") from error
        except ResponseTooLarge as error:
            raise Difference("too_large") from error
        except requests.exceptions.SSLError as error:
            raise Difference("certificate") from error
        except requests.RequestException as error:
            if _is_closed(error):
                raise Difference("closed") from error
            raise Difference("no_response", url=self.url) from error
        if response.is_redirect:
            raise Difference("redirect", target=excerpt(response.headers["Location"]))
        return response

    def predict(self, body: object, headers: Mapping[str, str] = JSON) -> requests.Response:
        """POST /predict with a JSON body."""
        return self.send("POST", "/predict", json.dumps(body).encode(), headers)

    def predictions(self, text: str | list[str]) -> list[Prediction]:
        """Return the predictions for one text, or for several."""
        response = self.predict({"text": text})
        require_status(response, 200)
        found = parse(response)
        if not isinstance(found, list):
            raise Difference("not_a_list", excerpt=excerpt(text_of(response)))
        count = 1 if isinstance(text, str) else len(text)
        if len(found) != count:
            raise Difference("count", predictions=len(found), texts=count)
        return [_prediction(one) for one in found]

    def reject(self, status: int, response: requests.Response, what: str) -> None:
        """Check the status of the response to a request that is wrong; keep it in `problems`."""
        if response.status_code >= 400:
            self.problems.append((what, response))
        require_status(response, status)


def _is_closed(error: requests.RequestException) -> bool:
    """Return whether somebody accepted the connection, and closed it without a response."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, urllib3.exceptions.ProtocolError)


def require_status(response: requests.Response, status: int) -> None:
    """Raise Difference for another status."""
    if response.status_code != status:
        if _is_page(response):
            raise Difference("page", status=response.status_code)
        raise Difference("status", status=response.status_code, excerpt=excerpt(text_of(response)))


def require_fields(response: requests.Response, fields: Iterable[str]) -> Mapping[str, Any]:
    """Return the JSON object in a response, which must have all fields."""
    found = parse(response)
    if not isinstance(found, dict):
        raise Difference("not_an_object", excerpt=excerpt(text_of(response)))
    if missing := [field for field in fields if field not in found]:
        raise Difference("missing_fields", fields=", ".join(f"`{one}`" for one in missing))
    return found


def require_problem(what: str, response: requests.Response) -> None:
    """Check that an error response is a problem of RFC 9457, without a traceback."""
    if "Traceback (most recent call last)" in text_of(response):
        raise Difference("traceback", what=what)
    media_type = response.headers.get("Content-Type", "")
    if media_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Difference("media_type", what=what, media_type=excerpt(media_type))
    problem = require_fields(response, ("title", "status", "detail"))
    if problem["status"] != response.status_code:
        raise Difference("other_status", what=what, status=excerpt(str(problem["status"])))


def parse(response: requests.Response) -> Any:
    """Return the body of a response, read as JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        if _is_page(response):
            raise Difference("page", status=response.status_code) from error
        raise Difference("not_json", excerpt=excerpt(text_of(response))) from error


def _is_page(response: requests.Response) -> bool:
    """Return whether a body is an HTML page, which says nothing to the author of a service."""
    begin = text_of(response)[:200].lstrip().lower()
    return begin.startswith(("<!doctype html", "<html"))


def text_of(response: requests.Response) -> str:
    """Return a body as text. It should be UTF-8; to find another encoding can take seconds."""
    return response.content.decode("utf-8", "replace")


def excerpt(text: str) -> str:
    """Return the beginning of what a service sent, in one line; ∅ where that is nothing."""
    text = text[: EXCERPT_CHARACTERS * 4].encode("utf-8", "replace").decode()
    text = " ".join(text.replace("`", "'").split()) or "∅"
    return text if len(text) <= EXCERPT_CHARACTERS else text[:EXCERPT_CHARACTERS] + " …"


def _prediction(found: object) -> Prediction:
    if not isinstance(found, dict) or not {"label", "score"} <= found.keys():
        raise Difference("not_a_prediction", excerpt=excerpt(_written(found)))
    label, score = found["label"], found["score"]
    if not isinstance(label, str) or not 0 < len(label.strip()) <= MAX_LABEL_CHARACTERS:
        raise Difference("label", limit=MAX_LABEL_CHARACTERS, excerpt=excerpt(_written(label)))
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    if score is not None and not (is_number and abs(score) < MAX_SCORE):
        raise Difference("score", excerpt=excerpt(_written(score)))
    return Prediction(label, score)


def _written(found: object) -> str:
    return json.dumps(found, ensure_ascii=False)
