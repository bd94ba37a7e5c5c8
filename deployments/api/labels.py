"""Read a label, and the probability of it, from the text that a language model wrote."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# What may surround a label. The last two characters are how tokenizers write a space.
_AROUND = " \t\r\n\"'`*.,:;!«»“”▁Ġ"


class NoLabel(Exception):
    """The response is well formed, but it is a refusal or contains none of the labels."""


@dataclass(frozen=True)
class Question:
    """The question to ask about each text."""

    model: str
    instructions: str
    labels: tuple[str, ...]

    def find_label(self, response: str) -> str:
        """Return the label that the response consists of. Raises NoLabel."""
        for label in self.labels:
            if response.strip(_AROUND).casefold() == label.casefold():
                return label
        labels = ", ".join(self.labels)
        raise NoLabel(f"it responded {response.strip()[:60]!r}, and the labels are {labels}")


class TokenLogprob(Protocol):
    """A token and the logarithm of its probability, as OpenAI's chat completions return it."""

    @property
    def token(self) -> str: ...

    @property
    def logprob(self) -> float: ...


class GeneratedToken(TokenLogprob, Protocol):
    """A token of the response, with the tokens that the model might have chosen instead."""

    @property
    def top_logprobs(self) -> Sequence[TokenLogprob]: ...


def label_probability(
    labels: tuple[str, ...], label: str, tokens: Sequence[GeneratedToken]
) -> float | None:
    """Return the probability of `label` among all labels, given the tokens of the response.

    It is the softmax over the labels at the first token of the response. A token counts for a label
    if the label, and no other label, starts with it; so a label may consist of several tokens.
    Returns None if the first token fits no label or several.
    """
    first = next((token for token in tokens if token.token.strip(_AROUND)), None)
    if first is None or label_starting_with(labels, first.token) != label:
        return None
    mass = dict.fromkeys(labels, 0.0)
    # Most servers repeat the chosen token among the likely ones, but not all: hence the set
    for logprob, token in {(one.logprob, one.token) for one in [first, *first.top_logprobs]}:
        if started := label_starting_with(labels, token):
            mass[started] += math.exp(logprob)
    return checked_probability(mass[label] / sum(mass.values()))


def label_starting_with(labels: tuple[str, ...], token: str) -> str | None:
    """Return the one label that starts with `token`; None if none or several do."""
    start = token.strip(_AROUND).casefold()
    started = [label for label in labels if start and label.casefold().startswith(start)]
    return started[0] if len(started) == 1 else None


def checked_probability(value: Any) -> float:
    """Return `value`, from a provider's JSON, as a number from 0 to 1. Raises ValueError."""
    if not isinstance(value, int | float) or not -1e-6 <= value <= 1 + 1e-6:
        raise ValueError(f"{value!r} is not a probability")
    return min(1.0, max(0.0, float(value)))
