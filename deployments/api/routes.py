"""Four ways to ask an external model for a label, and for its probability if there is one.

| route     | request                               | score                                        |
| --------- | ------------------------------------- | -------------------------------------------- |
| decisions | POST /v1/decisions, a choice question | the provider's probability of the label      |
| chat      | chat completions with `logprobs`      | probability of the label's first token       |
|           |                                       | among the first tokens of all labels         |
| systemone | POST /v1/systemone, a choice question | as `chat`, computed by `transformers serve`  |
| plain     | chat completions                      | null: a model that is asked for its own      |
|           |                                       | confidence makes a number up                 |

Each is one paid call, or two if the model turns out to think before it answers. A response that is
not one of the labels is an error; nothing is guessed. What else is odd in a response costs its
score or its count of tokens, not the label, which is paid for.
"""

import contextlib
from typing import Any

from openai import AsyncOpenAI

from deployments.api.chat_request import ChatRequests
from deployments.api.chat_routes import chat, plain
from deployments.api.labels import NoLabel, Question, checked_probability
from deployments.api.prices import TokenUsage
from deployments.api.route_result import NO_PROBABILITY, ODD, RouteResult, reading_label


class Routes:
    """The routes to one provider."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client
        self._chat = ChatRequests(client)

    async def ask(
        self, route: str, question: Question, text: str, headers: dict[str, str]
    ) -> RouteResult:
        """Return the label of one text.

        Raises the errors of the `openai` package, MalformedResponse, and NoLabel.
        """
        match route:
            case "decisions":
                return await decisions(self._client, question, text, headers)
            case "chat":
                return await chat(self._chat, question, text, headers)
            case "systemone":
                return await systemone(self._client, question, text, headers)
            case _:
                return await plain(self._chat, question, text, headers)


async def decisions(
    client: AsyncOpenAI, question: Question, text: str, headers: dict[str, str]
) -> RouteResult:
    """Ask OpenAI's endpoint for classification.

    Source: `client.decisions.create` in the openai package.
    """
    response: Any = await client.decisions.create(
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
    usage = getattr(response, "usage", None)
    counts = (getattr(usage, name, None) for name in ("input_tokens", "output_tokens"))
    paid = TokenUsage.counted(*counts)
    with reading_label(paid):
        [answer] = response.answers
        if answer.type == "refusal":
            raise NoLabel("it refused to judge this text")
        label = question.find_label(answer.choice)
    score = None
    with contextlib.suppress(*ODD):
        probabilities = {one.value: one.probability for one in answer.probabilities}
        score = checked_probability(probabilities[answer.choice])
    return RouteResult(label, score, paid, NO_PROBABILITY if score is None else "")


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
    paid = score = None
    with contextlib.suppress(*ODD):
        counts = response["usage"]
        paid = TokenUsage.counted(counts["input_tokens"], counts["output_tokens"])
    with reading_label(paid):
        answer = response["answers"]["label"]
        label = question.find_label(answer["choice"])
    with contextlib.suppress(*ODD):
        score = checked_probability(answer["probabilities"][answer["choice"]])
    return RouteResult(label, score, paid, NO_PROBABILITY if score is None else "")
