"""Ask for a chat completion, in a form that this provider and its model take.

Everybody knows the model and the messages. For all else, providers differ, and a request with
something that they don't know is rejected, free of charge. So the next request leaves it out:

| the rejection is about      | the next request                                                |
| --------------------------- | --------------------------------------------------------------- |
| `max_completion_tokens`     | says `max_tokens` (Mistral, older versions of Azure), then none |
| a limit for `top_logprobs`  | asks for that number (Azure, vLLM), otherwise for 5             |
| `temperature`               | leaves it out (models that think)                               |
| the role `system`           | puts the instructions into the user's message (Gemma)           |
| the context, with much room | has no limit of its own for the response                        |

The form that was taken is kept for the next text.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from deployments.api import provider_words
from deployments.api.labels import Question

# For a response with its thoughts; limits the cost of one call.
ROOM_TOKENS = 2048
_LIMITS = ("max_completion_tokens", "max_tokens", None)
_FEW_LOGPROBS = 5  # the lowest limit that a provider is known to have
_AT_MOST = re.compile(
    r"(?:less than or equal to|at most|up to|<=|\[0,|\b0 and|\b0 to"
    r"|max(?:imum)?(?: allowed)?(?: value)?(?: is)?)\D{0,3}(\d{1,9})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """What a request contains besides the model and the messages."""

    limit: str | None = _LIMITS[0]
    top_logprobs: int = 20
    temperature: bool = True
    system_role: bool = True


class ChatRequests:
    """Sends chat requests to one provider, in the form that it took last.

    `needs_room` says whether the model thinks before it answers.
    """

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client
        self._form = Form()
        self.needs_room = False

    async def send(
        self,
        question: Question,
        text: str,
        headers: dict[str, str],
        *,
        tokens: int,
        logprobs: bool,
        last_resort: bool = False,
    ) -> ChatCompletion:
        """Return the provider's response, of at most `tokens` tokens if it knows such a limit.

        With `last_resort`, a rejection that names no parameter is answered with the least that a
        request can contain. Raises the errors of the `openai` package.
        """
        form = taken = self._form
        while True:
            try:
                response: ChatCompletion = await self._client.chat.completions.create(
                    model=question.model,
                    messages=_messages(form, question, text),
                    extra_headers=headers,
                    **_parameters(form, tokens, logprobs),
                )
            except openai.APIStatusError as error:
                if provider_words.is_too_long(error) and form.limit and tokens == ROOM_TOKENS:
                    form = replace(form, limit=None)  # not kept, because it is about this text
                elif next_form := _without_rejected(form, error, last_resort):
                    form = taken = next_form
                else:
                    raise
            else:
                self._form = taken
                return response


def _messages(form: Form, question: Question, text: str) -> list[ChatCompletionMessageParam]:
    labels = ", ".join(question.labels)
    instructions = (
        f"{question.instructions} Answer with one of these labels and nothing else: {labels}."
    )
    if form.system_role:
        return [{"role": "system", "content": instructions}, {"role": "user", "content": text}]
    return [{"role": "user", "content": f"{instructions}\n\n{text}"}]


def _parameters(form: Form, tokens: int, logprobs: bool) -> dict[str, Any]:
    parameters: dict[str, Any] = {form.limit: tokens} if form.limit else {}
    if logprobs:
        parameters |= {"logprobs": True, "top_logprobs": form.top_logprobs}
        if form.temperature:
            parameters["temperature"] = 0
    return parameters


def _without_rejected(form: Form, error: openai.APIStatusError, last_resort: bool) -> Form | None:
    """Return the form without what the provider rejects; None if it rejects something else."""
    if error.status_code not in (400, 422) or provider_words.is_about_text(error):
        return None
    stated = provider_words.words(error)
    if form.limit and _names(form.limit, stated):
        return replace(form, limit=_LIMITS[_LIMITS.index(form.limit) + 1])
    if _names("temperature", stated) and form.temperature:
        return replace(form, temperature=False)
    if _names("system", stated) and _names("role", stated) and form.system_role:
        return replace(form, system_role=False)
    if lower := _lower_logprobs(form.top_logprobs, stated):
        return replace(form, top_logprobs=lower)
    return replace(form, limit=None) if last_resort and form.limit else None


def _lower_logprobs(asked: int, stated: str) -> int | None:
    """Return the number of likely tokens that the provider allows; None if it allows no other."""
    if not _names("top_logprobs", stated) and not _names("logprobs", stated):
        return None
    if (limit := _AT_MOST.search(stated)) and 0 < int(limit[1]) < asked:
        return int(limit[1])
    return _FEW_LOGPROBS if _names("top_logprobs", stated) and asked > _FEW_LOGPROBS else None


def _names(parameter: str, stated: str) -> bool:
    return re.search(rf"(?<!\w){parameter}(?!\w)", stated, re.IGNORECASE) is not None
