"""How the local provider treats each key: how fast it is, whether it fails, how many requests a minute it allows.

A real provider has bad days and rate limits too, but not on the day of the lesson. Here an admin brings them about.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ApiError(Exception):
    """An error in OpenAI's form: `{"error": {"message", "type", "param", "code"}}`."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"message": message, "type": kind, "param": param, "code": code}
        }
        self.headers: dict[str, str] = {}


class Behaviour(BaseModel):
    """What the provider does with a key's requests. The default is a good day."""

    model_config = ConfigDict(extra="forbid")

    delay_s: float = Field(
        0.0, ge=0, le=120, description="Wait so many seconds before each answer."
    )
    status: int | None = Field(
        None, ge=400, le=599, description="Answer with this error instead, such as 500, 429 or 401."
    )
    times: int | None = Field(
        None,
        ge=1,
        description="Be slow or fail only for so many requests; null: until told otherwise.",
    )
    retry_after_s: int | None = Field(
        None, ge=0, le=3600, description="With `status`: the Retry-After header of the error."
    )
    requests_per_minute: int = Field(
        60_000, ge=1, description="Above this rate requests are answered with 429."
    )
    decisions: bool = Field(True, description="Whether there is a /v1/decisions at all.")
    logprobs: Literal["given", "ignored", "refused"] = Field(
        "given", description="What chat completions make of `logprobs`."
    )


@dataclass
class Account:
    """One key's behaviour, and how much of its rate it has used: a bucket that fills steadily and holds one minute's requests."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    room: float = field(init=False)
    filled_at: float = field(default_factory=time.monotonic)
    troubled: int = 0  # requests that were slow or failed because `behaviour` says so

    def __post_init__(self) -> None:
        self.room = float(self.behaviour.requests_per_minute)

    def take(self) -> dict[str, str]:
        """Count one request and return the x-ratelimit headers. Raises ApiError 429 when there is no room."""
        limit = self.behaviour.requests_per_minute
        now = time.monotonic()
        self.room = min(limit, self.room + (now - self.filled_at) * limit / 60)
        self.filled_at = now
        allowed = self.room >= 1
        self.room -= allowed
        headers = {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(int(self.room)),
            "x-ratelimit-reset-requests": f"{(limit - self.room) * 60 / limit:.3f}s",
        }
        if allowed:
            return headers
        wait_s = (1 - self.room) * 60 / limit
        message = (
            f"Rate limit reached: {limit} requests per minute. Please try again in {wait_s:.3f}s."
        )
        error = ApiError(429, message, "requests", "rate_limit_exceeded")
        error.headers = headers | {
            "retry-after": str(math.ceil(wait_s)),
            "retry-after-ms": str(math.ceil(wait_s * 1000)),
        }
        raise error

    def trouble(self) -> Behaviour:
        """Return how this request is treated: as told, or normally once `times` requests have been in trouble."""
        told = self.behaviour
        if told.times is not None and self.troubled >= told.times:
            return told.model_copy(update={"delay_s": 0.0, "status": None})
        self.troubled += 1
        return told


class Accounts:
    """The keys that the provider knows. What is told without a key holds for all of them."""

    def __init__(self, keys: list[str]) -> None:
        self._accounts = {key: Account() for key in keys}

    def of(self, key: str) -> Account | None:
        return self._accounts.get(key)

    def tell(self, behaviour: Behaviour, key: str | None) -> None:
        """Set the behaviour for one key, which is made known if it was not, or for all."""
        for name in [key] if key else list(self._accounts):
            self._accounts[name] = Account(behaviour)
