"""Read what answered at MODEL_URL, which may be any program, or a proxy in front of it.

Everything from there is checked here. What does not follow the contract (contract.py) becomes a
Problem: otherwise, the gateway would fail with status 500, which says that the gateway is wrong.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from deployments.services.prediction import Prediction
from deployments.services.problems import Problem
from deployments.services.retry_after import read_retry_after
from deployments.services.shortening import shortened

MAX_BODY_BYTES = 1_048_576
_MAX_DETAIL_CHARACTERS = 1_000
_MAX_RETRY_AFTER_S = 3_600
_FOR_THE_CLIENT = (413, 422, 429, 503)  # statuses that the client gets, too
_RETRY_LATER = (429, 503)
_REPLICA = re.compile(r"[\x21-\x7e]{1,128}")

_PREDICTIONS = TypeAdapter(list[Prediction])


@dataclass(frozen=True)
class ModelResponse:
    """An HTTP response, with at most MAX_BODY_BYTES of body."""

    status: int
    headers: Mapping[str, str]  # the case of the names does not matter
    body: bytes


class ModelIdentity(BaseModel):
    """What the gateway needs of the identity that /ready returns."""

    status: Literal["ready"]
    model: str
    engine: str | None = None
    engine_note: str | None = None


class _ProblemDetails(BaseModel):
    title: str
    detail: str


def read_predictions(response: ModelResponse, texts: int) -> list[Prediction]:
    """Return as many predictions as there were texts. Raises Problem 502."""
    try:
        predictions = _PREDICTIONS.validate_json(response.body)
    except ValueError:  # pydantic's error is one
        raise no_contract() from None
    if len(predictions) != texts:
        raise model_failed(f"It returned {len(predictions)} predictions for {texts} texts")
    return predictions


def read_identity(response: ModelResponse) -> ModelIdentity:
    """Return the identity of a service that is ready. Raises Problem 502."""
    try:
        return ModelIdentity.model_validate_json(response.body)
    except ValueError:
        raise no_contract() from None


def read_replica(response: ModelResponse) -> dict[str, str]:
    """Return the header that names the replica, if the response has a valid one."""
    replica = response.headers.get("X-Replica", "")
    return {"X-Replica": replica} if _REPLICA.fullmatch(replica) else {}


def read_problem(response: ModelResponse) -> Problem:
    """Pass on a problem that concerns the client; anything else is a failed model service."""
    try:
        found = _ProblemDetails.model_validate_json(response.body)
    except ValueError:
        return model_failed(f"It responded with status {response.status} and no problem details")
    title, detail = found.title, shortened(found.detail, _MAX_DETAIL_CHARACTERS)
    if response.status not in _FOR_THE_CLIENT:
        return model_failed(f"It responded with status {response.status}, {title}: {detail}")
    retry_after_s = _whole_seconds(response) if response.status in _RETRY_LATER else None
    return Problem(response.status, title, detail, retry_after_s=retry_after_s)


def model_failed(reason: str, **extra: object) -> Problem:
    """Return the problem for a model service that failed for a reason without a full stop."""
    detail = (
        f"{reason}. Try again in a second; if the problem persists, check whether the model "
        "service is running (hostlab status)."
    )
    return Problem(502, "The model service failed", detail, retry_after_s=1, **extra)


def no_contract() -> Problem:
    """Return the problem for a response that no model service of this project sends."""
    return model_failed(
        "Its response does not follow the contract. Check that MODEL_URL is the address of a model "
        "service"
    )


def _whole_seconds(response: ModelResponse) -> int:
    """Return the seconds that the response asks to wait; 1 if it does not say it."""
    wait_s = read_retry_after(response.headers)
    return 1 if wait_s is None else min(max(1, math.ceil(wait_s)), _MAX_RETRY_AFTER_S)
