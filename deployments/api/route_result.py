"""What a route returns, and how a response is read that nobody has checked."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from deployments.api.labels import NoLabel
from deployments.api.prices import TokenUsage

# What reading an odd response may raise: the openai package does not check what it received
ODD = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError)
NO_PROBABILITY = "the provider's probabilities cannot be read"


class MalformedResponse(Exception):
    """The provider's response does not have the form that its API promises. The text says why."""


@dataclass(frozen=True)
class RouteResult:
    """The label of one text.

    `score` is None if there is no probability; `no_score` says why. `usage` is None if the provider
    did not count the tokens.
    """

    label: str
    score: float | None
    usage: TokenUsage | None
    no_score: str = ""


def total(usages: list[TokenUsage | None]) -> TokenUsage | None:
    """Return the tokens of several responses, or None if one of them was not counted."""
    counted = [usage for usage in usages if usage is not None]
    return sum(counted, TokenUsage()) if len(counted) == len(usages) else None


@contextlib.contextmanager
def reading_label(usage: TokenUsage | None) -> Iterator[None]:
    """Raise MalformedResponse for any error that occurs while a label is read.

    A response without a label is paid for, too: NoLabel gets its `usage`.
    """
    try:
        yield
    except NoLabel as no_label:
        no_label.usage = usage
        raise
    except ODD as error:
        raise MalformedResponse(
            f"its response does not have the expected form ({type(error).__name__})"
        ) from error
