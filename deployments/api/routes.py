"""Four ways to get a label, and an honest score where there is one, from somebody else's model.

| route     | asks                                  | score                                                                     |
| --------- | ------------------------------------- | ------------------------------------------------------------------------- |
| decisions | POST /v1/decisions, a choice question | the provider's probability of the label                                   |
| chat      | chat completions with `logprobs`      | probability of the label's first token among the labels' first tokens     |
| systemone | POST /v1/systemone, a choice question | as `chat`, computed by the server (`transformers serve`)                  |
| plain     | chat completions                      | none: null. A model that is asked how sure it is makes a number up        |

Each is one paid call. An answer that is none of the labels is an error, never a guess.
"""

import contextlib
import math
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion

from deployments.api.prices import Usage

THINKING_TOKENS = 2048  # in a plain answer: models that think first need room, and this bounds what one call can cost
_AROUND = " \t\r\n\"'`*.,:;!«»“”▁Ġ"  # what may stand around a label; the last two are how tokenizers write a space


class Nonsense(Exception):
    """The provider's answer is not of the form that it promises. The text says what is wrong."""


class NoLabel(Exception):
    """The provider answered in due form, but with a refusal or with something that is no label."""


@dataclass(frozen=True)
class Question:
    """What is asked of each text."""

    model: str
    instructions: str
    labels: tuple[str, ...]

    def label(self, said: str) -> str:
        """Return the label that was said. Raises NoLabel."""
        for label in self.labels:
            if said.strip(_AROUND).casefold() == label.casefold():
                return label
        raise NoLabel(
            f"it answered {said.strip()[:60]!r}, and the labels are {', '.join(self.labels)}"
        )


@dataclass(frozen=True)
class Answered:
    """One text's label. `score` is None where there is no honest one, and `note` says why."""

    label: str
    score: float | None
    usage: Usage = field(default_factory=Usage)
    note: str = ""


Route = Callable[[AsyncOpenAI, Question, str, dict[str, str]], Awaitable[Answered]]


async def decisions(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> Answered:
    """Ask OpenAI's endpoint for classification. Source: `client.decisions.create` in the openai package."""
    choice = {
        "type": "choice",
        "name": "label",
        "instructions": question.instructions,
        "choices": [{"value": label} for label in question.labels],
    }
    said = await client.decisions.create(
        model=question.model, input=text, questions=[choice], extra_headers=headers
    )
    with _form():
        [answer] = said.answers
        if answer.type == "refusal":
            raise NoLabel("it refused to judge this text")
        probabilities = {one.value: one.probability for one in answer.probabilities}
        label = question.label(answer.choice)
        return Answered(
            label,
            _probability(probabilities[answer.choice]),
            Usage(said.usage.input_tokens, said.usage.output_tokens),
        )


async def systemone(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> Answered:
    """Ask for a typed decision as `transformers serve` offers it. Source: transformers/cli/serving/systemone.py."""
    choice = {
        "type": "choice",
        "instructions": question.instructions,
        "criteria": dict.fromkeys(question.labels),
    }
    body = {"model": question.model, "state": text, "questions": {"label": choice}}
    said: Any = await client.post(
        "/systemone", cast_to=object, body=body, options={"headers": headers}
    )
    with _form():
        answer = said["answers"]["label"]
        label = question.label(answer["choice"])
        usage = Usage(said["usage"]["input_tokens"], said["usage"]["output_tokens"])
        return Answered(label, _probability(answer["probabilities"][answer["choice"]]), usage)


async def chat(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> Answered:
    """Ask a chat model for one word, and for the probabilities of the tokens that it might have begun with."""
    most = max(16, *(len(label) for label in question.labels))
    said = await client.chat.completions.create(
        model=question.model,
        messages=_messages(question, text),
        logprobs=True,
        top_logprobs=20,
        temperature=0,
        max_completion_tokens=most,
        extra_headers=headers,
    )
    label, usage = _read_chat(question, said)
    with _form():
        logprobs = said.choices[0].logprobs
        tokens = logprobs.content if logprobs else None
        if not tokens or not any(token.top_logprobs for token in tokens):
            return Answered(label, None, usage, "the provider accepted logprobs and ignored them")
        score = _score(question.labels, label, tokens)
    return Answered(
        label,
        score,
        usage,
        "" if score is not None else "the answer's first token does not tell the labels apart",
    )


async def plain(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> Answered:
    """Ask a chat model for one word, with nothing that a server might not know."""
    said = await client.chat.completions.create(
        model=question.model,
        messages=_messages(question, text),
        max_completion_tokens=THINKING_TOKENS,
        extra_headers=headers,
    )
    label, usage = _read_chat(question, said)
    return Answered(label, None, usage, "a plain answer carries no probability")


ROUTES: dict[str, Route] = {
    "decisions": decisions,
    "chat": chat,
    "systemone": systemone,
    "plain": plain,
}  # the best first


def _messages(question: Question, text: str) -> list[dict[str, str]]:
    instructions = f"{question.instructions} Answer with one of these labels and nothing else: {', '.join(question.labels)}."
    return [{"role": "system", "content": instructions}, {"role": "user", "content": text}]


def _read_chat(question: Question, said: ChatCompletion) -> tuple[str, Usage]:
    with _form():
        message, usage = said.choices[0].message, said.usage
        if getattr(message, "refusal", None) or said.choices[0].finish_reason == "content_filter":
            raise NoLabel("it refused to judge this text")
        counted = Usage(usage.prompt_tokens, usage.completion_tokens) if usage else Usage()
        return question.label(message.content or ""), counted


def _score(labels: tuple[str, ...], label: str, tokens: list[Any]) -> float | None:
    """Return the softmax over the labels of what the model might have begun its answer with, at the answer's first token.

    A token counts for a label when the label begins with it and no other label does; so a label may be several tokens long.
    None where the answer's first token does not tell the labels apart.
    """
    first = next((token for token in tokens if token.token.strip(_AROUND)), None)
    if first is None or _begins(labels, first.token) != label:
        return None
    mass = dict.fromkeys(labels, 0.0)
    # the token chosen stands among the likely ones with most servers, and not with all
    for logprob, token in {(one.logprob, one.token) for one in [first, *first.top_logprobs]}:
        if begun := _begins(labels, token):
            mass[begun] += math.exp(logprob)
    return _probability(mass[label] / sum(mass.values()))


def _begins(labels: tuple[str, ...], token: str) -> str | None:
    """Return the one label that begins with `token`, or None where none or several do."""
    start = token.strip(_AROUND).casefold()
    begun = [label for label in labels if start and label.casefold().startswith(start)]
    return begun[0] if len(begun) == 1 else None


def _probability(value: Any) -> float:
    if not isinstance(value, int | float) or not -1e-6 <= value <= 1 + 1e-6:
        raise ValueError(f"{value!r} is no probability")
    return min(1.0, max(0.0, float(value)))


@contextlib.contextmanager
def _form() -> Iterator[None]:
    """Turn whatever goes wrong while an answer is read into Nonsense: the openai package builds its objects without checking them."""
    try:
        yield
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError) as error:
        raise Nonsense(
            f"its answer is not of the form that it promises ({type(error).__name__})"
        ) from error
