"""How the local provider treats each key: its delay, its errors, its rate limit.

A real provider also has slow days, failures, and rate limits, but not at the time of your lesson.
Here, an admin can cause them.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from deployments.api.stand_in.api_errors import ApiError


class Behavior(BaseModel):
    """How the provider treats the requests of a key. By default, it works well."""

    model_config = ConfigDict(extra="forbid")

    delay_s: float = Field(
        default=0.0, ge=0, le=120, description="Seconds to wait before each response."
    )
    status: int | None = Field(
        default=None,
        ge=400,
        le=599,
        description="Respond with this error, such as 500, 429, or 401.",
    )
    times: int | None = Field(
        default=None,
        ge=1,
        description="How many requests to delay or fail; null: all, until the next change.",
    )
    retry_after_s: int | None = Field(
        default=None,
        ge=0,
        le=3600,
        description="With `status`: the Retry-After header of the error.",
    )
    requests_per_minute: int = Field(
        default=60_000, ge=1, description="Requests above this rate get status 429."
    )
    decisions: bool = Field(default=True, description="Whether /v1/decisions exists.")
    logprobs: Literal["given", "ignored", "refused"] = Field(
        default="given", description="How chat completions treat `logprobs`."
    )


@dataclass
class Account:
    """The behavior for one key, and a token bucket for its rate limit.

    The bucket fills steadily, and it holds the requests of one minute.
    """

    behavior: Behavior = field(default_factory=Behavior)
    tokens: float = field(init=False)
    filled_at: float = field(default_factory=time.monotonic)
    affected: int = 0  # requests that were delayed or failed on purpose

    def __post_init__(self) -> None:
        self.tokens = float(self.behavior.requests_per_minute)

    def take(self) -> dict[str, str]:
        """Count one request, and return the x-ratelimit headers.

        Raises:
            ApiError: 429, if the rate limit is reached.
        """
        limit = self.behavior.requests_per_minute
        now = time.monotonic()
        self.tokens = min(limit, self.tokens + (now - self.filled_at) * limit / 60)
        self.filled_at = now
        allowed = self.tokens >= 1
        self.tokens -= allowed
        headers = {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(int(self.tokens)),
            "x-ratelimit-reset-requests": f"{(limit - self.tokens) * 60 / limit:.3f}s",
        }
        if allowed:
            return headers
        wait_s = (1 - self.tokens) * 60 / limit
        headers["retry-after"] = str(math.ceil(wait_s))
        headers["retry-after-ms"] = str(math.ceil(wait_s * 1000))
        raise ApiError(
            429,
            f"Rate limit reached: {limit} requests per minute. Please try again in {wait_s:.3f}s.",
            "requests",
            "rate_limit_exceeded",
            headers=headers,
        )

    def next_behavior(self) -> Behavior:
        """Return how to treat the next request: well, once `times` requests were affected."""
        behavior = self.behavior
        if behavior.times is not None and self.affected >= behavior.times:
            return behavior.model_copy(update={"delay_s": 0.0, "status": None})
        self.affected += 1
        return behavior


class Accounts:
    """The accounts of the keys that the provider accepts."""

    def __init__(self, keys: list[str]) -> None:
        self._accounts = {key: Account() for key in keys}

    def get(self, key: str) -> Account | None:
        """Return the account of a key, or None if the key is unknown."""
        return self._accounts.get(key)

    def set_behavior(self, behavior: Behavior, key: str | None) -> None:
        """Set the behavior for all keys, or for one, which is added if it is new."""
        for name in [key] if key else list(self._accounts):
            self._accounts[name] = Account(behavior)
