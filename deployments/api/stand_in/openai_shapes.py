"""The requests and responses of OpenAI's API, as far as the local provider supports them.

These are chat completions, and decisions with choice questions.

Source: the types of the `openai` package (openai/types/decision*.py, openai/types/chat/).
"""

import math
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from deployments.api.stand_in.api_errors import ApiError

LOG_OF_ZERO = -9999.0  # OpenAI's value for the logarithm of a probability of zero


class ContentPart(BaseModel):
    """A part of a message."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    """A message, as a string or in parts."""

    role: str
    content: str | list[ContentPart]

    @property
    def text(self) -> str:
        """The whole text of the message."""
        return (
            self.content
            if isinstance(self.content, str)
            else "\n".join(part.text for part in self.content)
        )


def _last_user_text(messages: list[ChatMessage]) -> str:
    for message in reversed(messages):
        if message.role == "user":
            return message.text
    raise ApiError(
        400, "There is no message with the role 'user'. The stand-in classifies the last one."
    )


class ChatRequest(BaseModel):
    """The fields that the stand-in uses. It accepts the others and ignores them."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=20)
    n: Literal[1] | None = None
    stream: Literal[False] | None = None

    @property
    def text(self) -> str:
        """The text to classify."""
        return _last_user_text(self.messages)


class Choice(BaseModel):
    """One possible answer to a question."""

    value: str
    description: str | None = None


class ChoiceQuestion(BaseModel):
    """A question with a fixed set of answers."""

    type: Literal["choice"]
    instructions: str | list[dict[str, Any]]
    choices: list[Choice] = Field(min_length=1, max_length=255)  # a classifier may have one label
    name: str | None = None


class DecisionRequest(BaseModel):
    """The body of POST /v1/decisions."""

    model: str
    input: str | list[ChatMessage]
    questions: list[ChoiceQuestion] = Field(min_length=1, max_length=400)

    @property
    def text(self) -> str:
        """The text to classify."""
        return self.input if isinstance(self.input, str) else _last_user_text(self.input)


def decision(request: DecisionRequest, scores: dict[str, float], tokens: int) -> dict[str, Any]:
    """Return the response of /v1/decisions.

    `scores` has the probability of each label, and `tokens` is the number of tokens in the text.
    """
    usage = {"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens}
    details = {
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    return {
        "model": request.model,
        "answers": [_choose(question, scores) for question in request.questions],
        "usage": usage | details,
    }


def _choose(question: ChoiceQuestion, scores: dict[str, float]) -> dict[str, Any]:
    offered = [choice.value for choice in question.choices]
    names = {label.casefold(): label for label in scores}
    if len(names) < len(scores):  # labels that differ only in this
        names = {label: label for label in scores}
    asked = [value if value in names else value.casefold() for value in offered]
    if set(asked) != set(names):
        raise ApiError(
            400,
            f"The stand-in is a classifier and knows only these choices: {', '.join(scores)}. "
            f"The request offers: {', '.join(offered)}.",
        )
    probabilities = {value: scores[names[name]] for value, name in zip(offered, asked, strict=True)}
    best = max(probabilities, key=probabilities.__getitem__)
    chance = 1 / len(offered) if len(offered) > 1 else 0.0
    return {
        "type": "choice",
        "name": question.name,
        "choice": best,
        "confidence": max(0.0, (probabilities[best] - chance) / (1 - chance)),
        "probabilities": [
            {"value": value, "probability": probability}
            for value, probability in probabilities.items()
        ],
    }


def chat_completion(
    request: ChatRequest, scores: dict[str, float], tokens: int, with_logprobs: bool, created: int
) -> dict[str, Any]:
    """Return the response of /v1/chat/completions: the best label, as if it were one token.

    `created` is in Unix seconds.
    """
    best = max(scores, key=scores.__getitem__)
    likely = sorted(scores, key=scores.__getitem__, reverse=True)[: request.top_logprobs or 0]
    logprobs = {
        "content": [
            _token(best, scores) | {"top_logprobs": [_token(label, scores) for label in likely]}
        ],
        "refusal": None,
    }
    message = {"role": "assistant", "content": best, "refusal": None}
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": created,
        "model": request.model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": logprobs if with_logprobs else None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1},
    }


def _token(label: str, scores: dict[str, float]) -> dict[str, Any]:
    logprob = math.log(scores[label]) if scores[label] > 0 else LOG_OF_ZERO
    return {"token": label, "logprob": logprob, "bytes": list(label.encode())}
