"""Four ways to ask an external model for a label, and for its probability if there is one.

| route     | request                               | score                                        |
| --------- | ------------------------------------- | -------------------------------------------- |
| decisions | POST /v1/decisions, a choice question | the provider's probability of the label      |
| chat      | chat completions with `logprobs`      | probability of the label's first token       |
|           |                                       | among the first tokens of all labels         |
| systemone | POST /v1/systemone, a choice question | as `chat`, computed by `transformers serve`  |
| plain     | chat completions                      | null: a model that is asked for its own      |
|           |                                       | confidence makes a number up                 |

Each is one paid call. A response that is not one of the labels is an error; nothing is guessed.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from deployments.api.labels import NoLabel, Question, checked_probability, label_probability
from deployments.api.prices import TokenUsage

# Limits a plain response, and so the cost of one call. Models that think first need room.
PLAIN_TOKENS = 2048


class MalformedResponse(Exception):
    """The provider's response does not have the form that its API promises. The text says why."""


@dataclass(frozen=True)
class RouteResult:
    """The label of one text. `score` is None if there is no probability; `no_score` says why."""

    label: str
    score: float | None
    usage: TokenUsage = field(default_factory=TokenUsage)
    no_score: str = ""


Route = Callable[[AsyncOpenAI, Question, str, dict[str, str]], Awaitable[RouteResult]]


async def decisions(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask OpenAI's endpoint for classification.

    Source: `client.decisions.create` in the openai package.
    """
    response = await client.decisions.create(
        model=question.model,
        input=text,
        questions=[
            {
                "type": "choice",
                "name": "label",
                "instructions": question.instructions,
                "choices": [{"value": label} for label in question.labels],
            }
        ],
        extra_headers=headers,
    )
    with _reading_response():
        [answer] = response.answers
        if answer.type == "refusal":
            raise NoLabel("it refused to judge this text")
        answer = cast(Any, answer)  # the openai package does not check what it received
        probabilities = {one.value: one.probability for one in answer.probabilities}
        label = question.find_label(answer.choice)
        return RouteResult(
            label,
            checked_probability(probabilities[answer.choice]),
            TokenUsage(response.usage.input_tokens, response.usage.output_tokens),
        )


async def systemone(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask for a typed decision, as `transformers serve` offers it.

    Source: transformers/cli/serving/systemone.py.
    """
    choice = {
        "type": "choice",
        "instructions": question.instructions,
        "criteria": dict.fromkeys(question.labels),
    }
    body = {"model": question.model, "state": text, "questions": {"label": choice}}
    response: Any = await client.post(
        "/systemone", cast_to=object, body=body, options={"headers": headers}
    )
    with _reading_response():
        answer, usage = response["answers"]["label"], response["usage"]
        return RouteResult(
            question.find_label(answer["choice"]),
            checked_probability(answer["probabilities"][answer["choice"]]),
            TokenUsage(usage["input_tokens"], usage["output_tokens"]),
        )


async def chat(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask a chat model for a label, and for the tokens that it might have started with."""
    response = await client.chat.completions.create(
        model=question.model,
        messages=_messages(question, text),
        logprobs=True,
        top_logprobs=20,
        temperature=0,
        max_completion_tokens=max(16, *(len(label) for label in question.labels)),
        extra_headers=headers,
    )
    label, usage = _read_chat(question, response)
    with _reading_response():
        logprobs = response.choices[0].logprobs
        tokens = logprobs.content if logprobs else None
        if not tokens or not any(token.top_logprobs for token in tokens):
            ignored = "the provider accepted logprobs and ignored them"
            return RouteResult(label, None, usage, ignored)
        score = label_probability(question.labels, label, tokens)
    ambiguous = "the first token of the response does not distinguish the labels"
    return RouteResult(label, score, usage, ambiguous if score is None else "")


async def plain(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask a chat model for a label, with parameters that every server knows."""
    response = await client.chat.completions.create(
        model=question.model,
        messages=_messages(question, text),
        max_completion_tokens=PLAIN_TOKENS,
        extra_headers=headers,
    )
    label, usage = _read_chat(question, response)
    return RouteResult(label, None, usage, "a plain response carries no probability")


# The best first
ROUTES: dict[str, Route] = {
    "decisions": decisions,
    "chat": chat,
    "systemone": systemone,
    "plain": plain,
}


def _messages(question: Question, text: str) -> list[ChatCompletionMessageParam]:
    labels = ", ".join(question.labels)
    instructions = (
        f"{question.instructions} Answer with one of these labels and nothing else: {labels}."
    )
    return [{"role": "system", "content": instructions}, {"role": "user", "content": text}]


def _read_chat(question: Question, response: ChatCompletion) -> tuple[str, TokenUsage]:
    with _reading_response():
        [choice, *_], usage = response.choices, response.usage
        if getattr(choice.message, "refusal", None) or choice.finish_reason == "content_filter":
            raise NoLabel("it refused to judge this text")
        counted = (
            TokenUsage(usage.prompt_tokens, usage.completion_tokens) if usage else TokenUsage()
        )
        return question.find_label(choice.message.content or ""), counted


@contextlib.contextmanager
def _reading_response() -> Iterator[None]:
    """Raise MalformedResponse for any error that occurs while a response is read.

    The openai package builds its objects without checking what it received.
    """
    try:
        yield
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError) as error:
        raise MalformedResponse(
            f"its response does not have the expected form ({type(error).__name__})"
        ) from error
