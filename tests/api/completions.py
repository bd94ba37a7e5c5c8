"""Chat completions with anything odd in them that servers have been seen to send."""

import math
from typing import Any

from tests.api import scripted
from tests.api.scripted import Action

USAGE = {"prompt_tokens": 40, "completion_tokens": 1, "total_tokens": 41}
POSITIVE_TOKEN = {"POS": 0.6, "NEG": 0.2, "The": 0.2}


def token(text: str, likely: dict[str, float] | None = None) -> dict[str, Any]:
    """Return a token of a response, with the probabilities of the likely ones."""
    likely = likely or {text: 1.0}
    top = [
        {"token": name, "logprob": math.log(probability), "bytes": None}
        for name, probability in likely.items()
    ]
    return top[0] | {"token": text, "top_logprobs": top}


def completion(
    content: object,
    *,
    finish_reason: str = "stop",
    tokens: object = None,
    usage: object = USAGE,
    **message: object,
) -> Action:
    """Respond to /v1/chat/completions. `tokens` are those of `logprobs`."""
    choice = {
        "index": 0,
        "finish_reason": finish_reason,
        "logprobs": {"content": tokens} if tokens else None,
        "message": {"role": "assistant", "content": content} | message,
    }
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
    return scripted.reply(200, body | {"choices": [choice], "usage": usage})


def decision(usage: object, **answer: object) -> Action:
    """Respond to /v1/decisions with POSITIVE, 0.9."""
    probabilities = [{"value": "POSITIVE", "probability": 0.9}]
    choice = {"type": "choice", "choice": "POSITIVE", "probabilities": probabilities} | answer
    return scripted.reply(200, {"model": "m", "answers": [choice], "usage": usage})


def systemone(usage: object, **answer: object) -> Action:
    """Respond to /v1/systemone with POSITIVE, 0.9."""
    choice = {"type": "choice", "choice": "POSITIVE", "probabilities": {"POSITIVE": 0.9}} | answer
    return scripted.reply(200, {"model": "m", "answers": {"label": choice}, "usage": usage})
