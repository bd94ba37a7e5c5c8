"""Read a label, and the probability of it, from the text that a language model wrote."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from deployments.api.prices import TokenUsage
from deployments.services.shortening import shortened

# What may surround a label. The last two characters are how tokenizers write a space.
_AROUND = " \t\r\n\"'`*.,:;!?«»“”。！？▁Ġ"
# The end of the thoughts that some servers leave in the response, each model with its own marks
_THOUGHT_END = re.compile(
    r"</(?:\w+:)?(?:think|thinking|thought|reasoning)>|◁/think▷|<\|channel\|>final<\|message\|>"
)
_THOUGHT_START = re.compile(r"\s*(?:<(?:\w+:)?(?:think|thinking|thought|reasoning)>|◁think▷)")
_SPECIAL_TOKEN = re.compile(r"<\|[^<>|]*\|>|</s>|<end_of_turn>")  # such as the end of the response


class NoLabel(Exception):
    """The response is well formed, but it is a refusal or contains none of the labels.

    `usage` is what it cost, if the provider counted that.
    """

    usage: TokenUsage | None = None


@dataclass(frozen=True)
class Question:
    """The question to ask about each text."""

    model: str
    instructions: str
    labels: tuple[str, ...]

    def find_label(self, response: str) -> str:
        """Return the label that the response consists of, after its thoughts. Raises NoLabel.

        A label may itself end in a mark. So the exact label comes first, and then the one that is
        the same without the marks around it, if there is only one.
        """
        answer = without_thoughts(response).strip()
        for same in (str, str.casefold, _bare):
            found = [label for label in self.labels if same(label) == same(answer) != ""]
            if len(found) == 1:
                return found[0]
        labels = ", ".join(self.labels)
        raise NoLabel(f"it responded {shortened(answer, 60)!r}, and the labels are {labels}")


def without_thoughts(response: str) -> str:
    """Return the response without the model's thoughts; empty if it consists of thoughts only."""
    answer = _SPECIAL_TOKEN.sub("", _THOUGHT_END.split(response)[-1])
    return "" if _THOUGHT_START.match(answer) else answer


def _bare(text: str) -> str:
    return text.strip(_AROUND).casefold()


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

    It is the softmax over the labels at the first token of the answer, which comes after the
    model's thoughts. A token counts for a label if the label, and no other label, starts with it;
    so a label may consist of several tokens. Returns None if the first token fits no label or
    several, or if there is only one label. Raises any of route_result.ODD if the tokens are
    malformed.
    """
    first = _first_of_answer(label, tokens)
    if len(labels) == 1 or first is None or label_starting_with(labels, first.token) != label:
        return None
    mass = dict.fromkeys(labels, 0.0)
    # Most servers repeat the chosen token among the likely ones, but not all: hence the set
    for logprob, token in {(one.logprob, one.token) for one in [first, *first.top_logprobs]}:
        if started := label_starting_with(labels, token):
            mass[started] += math.exp(logprob)
    return checked_probability(mass[label] / sum(mass.values()))


def _first_of_answer(label: str, tokens: Sequence[GeneratedToken]) -> GeneratedToken | None:
    """Return the token with which the label begins at the end of the response.

    If the response does not end like that, such as with a label in bytes, it is the first token
    that is not blank.
    """
    written, whole = "", _bare(label)
    for token in reversed(tokens):
        written = _SPECIAL_TOKEN.sub("", token.token) + written
        if _bare(written) == whole and _bare(token.token):
            return token
        if len(_bare(written)) > len(whole):
            break
    return next((token for token in tokens if _bare(token.token)), None)


def label_starting_with(labels: tuple[str, ...], token: str) -> str | None:
    """Return the one label that starts with `token`; None if none or several do."""
    start = _bare(token)
    started = [label for label in labels if start and _bare(label).startswith(start)]
    return started[0] if len(started) == 1 else None


def checked_probability(value: Any) -> float:
    """Return `value`, from a provider's JSON, as a number from 0 to 1. Raises ValueError."""
    if not isinstance(value, int | float) or not -1e-6 <= value <= 1 + 1e-6:
        raise ValueError(f"{value!r} is not a probability")
    return min(1.0, max(0.0, float(value)))
