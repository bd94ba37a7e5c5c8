"""The HTTP contract, the same for every method: the body of /predict, its limits, its errors."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Never

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from deployments.services.prediction import Prediction
from deployments.services.problems import Problem, ProblemBody
from deployments.services.shortening import shortened
from deployments.services.visible import VISIBLE, has_visible_character

MAX_TEXTS = 64
MAX_CHARACTERS = 5_000  # in one text; the model itself reads only the first few hundred tokens
MAX_BODY_BYTES = 1_048_576
MAX_DETAIL_CHARACTERS = 600


def _check_text(text: str) -> str:
    if not has_visible_character(text):
        raise ValueError("a text must contain more than white space and invisible characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:  # JSON can escape half of a surrogate pair
        message = f"not valid Unicode: a lone surrogate at character {error.start}"
        raise ValueError(message) from None
    return text


Text = Annotated[
    str,
    # _check_text holds the pattern, with a message that says what it means
    Field(min_length=1, max_length=MAX_CHARACTERS, json_schema_extra={"pattern": VISIBLE}),
    AfterValidator(_check_text),
]


class PredictRequest(BaseModel):
    """One text, or up to 64 of them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "What a lovely film!"}, {"text": ["Great.", "Awful."]}]
        },
    )

    text: Text | Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)]

    @property
    def texts(self) -> list[str]:
        return [self.text] if isinstance(self.text, str) else self.text


@dataclass
class PredictorResult:
    """What a predictor returns for one request.

    Attributes:
        predictions: One for each text, in order.
        timing_ms: Milliseconds for each part of the Server-Timing header.
        headers: Additional headers of the response.
    """

    predictions: list[Prediction]
    timing_ms: dict[str, float]
    headers: dict[str, str] = field(default_factory=dict)


class Identity(BaseModel):
    """Which service responds. Its run ID tells it apart from one left over from an earlier run."""

    status: str
    method: str
    model: str
    engine: str | None = Field(
        description="What runs the network: onnx, torch, and so on; null where that is not known."
    )
    engine_note: str | None = Field(
        description="Why it is this engine, if the one that was asked for cannot run the model; "
        "for onnx-int8, how its labels compare with those of fp32; null otherwise."
    )
    version: str
    run_id: str | None = Field(
        description="Set by the program that started the service; null if started by hand."
    )
    replica: str = Field(
        description="The host name of the process that responds; each container or pod has its own."
    )


async def read_request(request: Request) -> PredictRequest:
    """Read and check the body of a request, with a status and a message for each kind of error.

    Raises:
        Problem: 400 (not JSON), 413 (too large), 415 (wrong type), 422 (bad field).
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        found = (
            f"The content type is {content_type!r}."
            if content_type
            else "The request has no content type."
        )
        detail = f"{found} Send JSON with the header 'Content-Type: application/json'."
        raise Problem(415, "Unsupported media type", detail)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "The body is compressed. Send it as plain JSON."
        raise Problem(415, "Unsupported content encoding", detail)
    document = _parse(await _read_body(request))
    try:
        return PredictRequest.model_validate(document)
    except ValidationError as error:
        raise _bad_field(error) from None


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            detail = (
                f"The body has more than {MAX_BODY_BYTES} bytes. "
                "Send fewer or shorter texts in one request."
            )
            raise Problem(413, "Body too large", detail)
    return bytes(body)


def _parse(body: bytes) -> Any:
    def reject_constant(constant: str) -> Never:  # Python's parser accepts NaN and Infinity
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=reject_constant)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not valid UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:  # json.JSONDecodeError is one
        reason = str(error)
    detail = (
        f"The body is not valid JSON: {reason}. "
        'It should look like {"text": "What a lovely film!"}.'
    )
    raise Problem(400, "Not JSON", detail)


def _bad_field(error: ValidationError) -> Problem:
    """Return the problem for an invalid field, without repeating the client's data.

    It leaves out pydantic's own names for the two forms of `text`.
    """
    places: dict[str, list[str]] = {}
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        place = "/".join(
            str(part) for part in one["loc"] if part == "text" or isinstance(part, int)
        )
        places.setdefault(place or "body", []).append(one["msg"])
    reasons = "; ".join(
        f"{place}: {' or '.join(dict.fromkeys(messages))}" for place, messages in places.items()
    )
    advice = (
        f"Send 'text' as a string or a list of 1 to {MAX_TEXTS} strings "
        f"of at most {MAX_CHARACTERS} characters."
    )
    return Problem(422, "Bad field", f"{shortened(reasons, MAX_DETAIL_CHARACTERS)}. {advice}")


REQUEST_BODY = {
    "required": True,
    "content": {"application/json": {"schema": PredictRequest.model_json_schema()}},
}

_ERRORS = {
    400: "The body is not JSON.",
    413: f"The body has more than {MAX_BODY_BYTES} bytes.",
    415: "The type of the body is not application/json.",
    422: "A field is missing, unknown, too long, or of the wrong type.",
    429: "The provider's rate limit is reached: wait for Retry-After seconds.",
    502: "The model service or the provider failed.",
    503: "Not ready, draining, or full: wait for Retry-After seconds.",
    504: "The model service or the provider timed out.",
}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the value of FastAPI's `responses` for these error statuses."""
    schema = ProblemBody.model_json_schema()
    return {
        status: {
            "description": _ERRORS[status],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in statuses
    }
