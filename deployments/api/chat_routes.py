"""The two routes that ask a chat model: with probabilities, and without."""

from typing import Any

from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion import Choice

from deployments.api.chat_request import ROOM_TOKENS, ChatRequests
from deployments.api.labels import NoLabel, Question, label_probability, without_thoughts
from deployments.api.prices import TokenUsage
from deployments.api.route_result import NO_PROBABILITY, ODD, RouteResult, reading_label, total

LABEL_TOKENS = 16  # enough for most labels


class CutOff(NoLabel):
    """The response ended at its limit of tokens before it came to a label."""


async def chat(
    requests: ChatRequests, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask a chat model for a label, and for the tokens that it might have started with.

    A model that thinks first gets more room once its response was cut off.
    """
    few = max(LABEL_TOKENS, *(len(label) for label in question.labels))
    paid: list[TokenUsage | None] = []
    for tokens in [ROOM_TOKENS] if requests.needs_room else [few, ROOM_TOKENS]:
        response = await requests.send(question, text, headers, tokens=tokens, logprobs=True)
        paid.append(_usage(response))
        try:
            label = _read_label(question, response, total(paid))
            break
        except CutOff:
            if tokens == ROOM_TOKENS:
                raise
    requests.needs_room |= len(paid) > 1
    score, no_score = _read_score(question, label, response)
    return RouteResult(label, score, total(paid), no_score)


async def plain(
    requests: ChatRequests, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask a chat model for a label, with parameters that every server knows."""
    response = await requests.send(
        question, text, headers, tokens=ROOM_TOKENS, logprobs=False, last_resort=True
    )
    usage = _usage(response)
    label = _read_label(question, response, usage)
    return RouteResult(label, None, usage, "a plain response carries no probability")


def _read_label(question: Question, response: ChatCompletion, usage: TokenUsage | None) -> str:
    with reading_label(usage):
        choice = response.choices[0]
        if getattr(choice.message, "refusal", None) or choice.finish_reason == "content_filter":
            raise NoLabel("it refused to judge this text")
        content = _content(choice)
        try:
            return question.find_label(content)
        except NoLabel:
            if choice.finish_reason != "length":
                raise
        thoughts = "" if without_thoughts(content).strip() else ", and all of it was thought"
        raise CutOff(f"its response was cut off at the limit of tokens{thoughts}")


def _content(choice: Choice) -> str:
    """Return the text of a response, which some models send in parts, with their thoughts."""
    content: Any = choice.message.content or ""
    if isinstance(content, list):  # Mistral's models that think
        return "".join(part["text"] for part in content if part["type"] == "text")
    return str(content)


def _read_score(
    question: Question, label: str, response: ChatCompletion
) -> tuple[float | None, str]:
    """Return the probability of the label; or None, and the reason."""
    try:
        logprobs = response.choices[0].logprobs
        written = logprobs.content if logprobs else None
        if not written or not any(token.top_logprobs for token in written):
            return None, "the provider accepted logprobs and ignored them"
        score = label_probability(question.labels, label, written)
    except ODD:
        return None, NO_PROBABILITY
    ambiguous = "the first token of the response does not distinguish the labels"
    return score, ambiguous if score is None else ""


def _usage(response: ChatCompletion) -> TokenUsage | None:
    usage: Any = getattr(response, "usage", None)
    counts = (getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens"))
    return TokenUsage.counted(*counts)
