"""The HTTP contract, the same for every method: what /predict takes, what it gives, and its limits."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from deployments.services.problems import Problem, ProblemBody

MAX_TEXTS = 64
MAX_CHARACTERS = 5_000  # of one text; the model itself reads only the first few hundred tokens
MAX_BODY_BYTES = 1_048_576


def _encodable(text: str) -> str:
    if not text.strip():
        raise ValueError("a text must hold more than white space")
    try:
        text.encode()
    except (
        UnicodeEncodeError
    ) as error:  # JSON's escapes can spell half of a surrogate pair, which is no character
        raise ValueError(
            f"not valid Unicode: a lone surrogate at character {error.start}"
        ) from None
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS), AfterValidator(_encodable)]


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


class Prediction(BaseModel):
    """The best label of one text, as the transformers pipeline returns it."""

    label: str
    score: float | None = Field(
        ge=0,
        le=1,
        description="The model's probability of the label. Null only where a provider gives no honest one.",
    )


@dataclass
class Answer:
    """What a model or a gateway answers: a prediction for each text, where the milliseconds went, more headers if it has any."""

    predictions: list[Prediction]
    timing_ms: dict[str, float]
    headers: dict[str, str] = field(default_factory=dict)


class Identity(BaseModel):
    """Who answers. A server left over from an earlier run shows itself by its run id."""

    status: str
    method: str
    model: str
    version: str
    run_id: str | None = Field(
        description="Given by whoever started the service; null when it was started by hand."
    )
    replica: str = Field(
        description="The host name of the process that answers: a container or a pod has its own."
    )


async def read_request(request: Request) -> PredictRequest:
    """Read and check a request's body by hand, so that each thing that can be wrong with it gets its own status and words.

    Raises Problem 400 (not JSON), 413 (too large), 415 (wrong type), 422 (bad field).
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        found = (
            f"The content type is {content_type!r}."
            if content_type
            else "The request has no content type."
        )
        raise Problem(
            415,
            "Unsupported media type",
            f"{found} Send JSON and the header 'Content-Type: application/json'.",
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(
            415, "Unsupported content encoding", "The body is compressed. Send it as plain JSON."
        )
    document = _parse(await _body(request))
    try:
        return PredictRequest.model_validate(document)
    except ValidationError as error:
        raise _bad_field(error) from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Problem(
                413,
                "Body too large",
                f"The body is over {MAX_BODY_BYTES} bytes. Send fewer or shorter texts in one request.",
            )
    return bytes(body)


def _parse(body: bytes) -> Any:
    def not_json(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=not_json)
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is not valid UTF-8"
    except RecursionError:
        why = "it is nested too deeply"
    except ValueError as error:  # json.JSONDecodeError is one
        why = str(error)
    raise Problem(
        400,
        "Not JSON",
        f'The body cannot be read as JSON: {why}. It should look like {{"text": "What a lovely film!"}}.',
    )


def _bad_field(error: ValidationError) -> Problem:
    """Say where and why, without pydantic's names for the two forms of `text` and without repeating the client's data."""
    places = {}
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        place = "/".join(
            str(part) for part in one["loc"] if part == "text" or isinstance(part, int)
        )
        places.setdefault(place or "body", []).append(one["msg"])
    said = "; ".join(
        f"{place}: {' or '.join(dict.fromkeys(messages))}" for place, messages in places.items()
    )
    if len(said) > 600:
        said = said[:600] + " …"
    advice = f"Send 'text' as a string or a list of 1 to {MAX_TEXTS} strings of at most {MAX_CHARACTERS} characters."
    return Problem(422, "Bad field", f"{said}. {advice}")


REQUEST_BODY = {
    "required": True,
    "content": {"application/json": {"schema": PredictRequest.model_json_schema()}},
}


def documented(*statuses: int) -> dict[int, dict[str, Any]]:
    """Return FastAPI's `responses` for these error statuses."""
    described = {
        400: "The body is not JSON.",
        413: f"The body is over {MAX_BODY_BYTES} bytes.",
        415: "The body's type is not application/json.",
        422: "A field is missing, unknown, too long or of the wrong type.",
        429: "A provider refuses for now: wait for Retry-After seconds.",
        502: "The model's service, or the provider, failed.",
        503: "Not ready, draining or full: wait for Retry-After seconds.",
        504: "The model's service, or the provider, was too late.",
    }
    schema = ProblemBody.model_json_schema()
    return {
        status: {
            "description": described[status],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in statuses
    }
