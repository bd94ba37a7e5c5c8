"""Models that think before they answer, and what they leave of it in the response."""

import pytest

from tests.api import scripted
from tests.api.completions import POSITIVE_TOKEN, completion, token
from tests.api.imitations import CHAT
from tests.api.in_process import Server, imitated, predict
from tests.api.scripted import Action, ReceivedRequest

SCORE = pytest.approx(0.75)
ANSWER = [token("POS", POSITIVE_TOKEN), token("ITIVE")]
THOUGHT = [token("<think>"), token("It"), token(" lauds", {" lauds": 0.9, " NEG": 0.1})]


def thinks(cut_off: Action, answer: Action) -> Server:
    """A model that needs more than 100 tokens for its thoughts."""

    def respond(seen: ReceivedRequest) -> Action:
        if seen.path != CHAT:
            return scripted.error(404)
        return answer if seen.body.get("max_completion_tokens", 0) > 100 else cut_off

    return respond


# nashsu/llm_wiki#332: 16 tokens are all thought
EMPTY = completion("", finish_reason="length", reasoning_content="Okay, the user")
NULL = completion(None, finish_reason="length", reasoning="Okay, the user")
TAGGED = completion("<think>\nOkay, the user", finish_reason="length")
UNTAGGED = completion("Okay, the user", finish_reason="length")

TABLE = {
    "content is empty": (EMPTY, completion("POSITIVE", tokens=ANSWER)),
    "content is null": (NULL, completion("POSITIVE", tokens=ANSWER)),
    # ollama/ollama#8529, vllm-project/vllm#34625
    "thoughts in the content": (
        TAGGED,
        completion(
            "<think>\nIt lauds.\n</think>\n\nPOSITIVE",
            tokens=[*THOUGHT, token("</think>"), token("\n\n"), *ANSWER],
        ),
    ),
    # vllm-project/vllm#17144: the template of the model holds the first tag
    "only the end of the thoughts": (
        UNTAGGED,
        completion(
            "It lauds.\n</think>\n\n**POSITIVE**",
            tokens=[*THOUGHT[1:], token("</think>"), token("\n\n**"), *ANSWER, token("**")],
        ),
    ),
    # vllm-project/vllm#45687
    "thoughts in other tags": (
        TAGGED,
        completion("<mm:think>It lauds.</mm:think>POSITIVE", tokens=[token("<mm:think>"), *ANSWER]),
    ),
    # vLLM's logprobs hold the tokens of the thoughts, too
    "thoughts in a field of their own": (
        NULL,
        completion(
            "POSITIVE",
            reasoning="It lauds.",
            tokens=[*THOUGHT, token("</think>"), *ANSWER, token("<|im_end|>")],
        ),
    ),
    # docs.mistral.ai: Magistral's content is a list
    "content in parts": (
        UNTAGGED,
        completion(
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "It lauds."}]},
                {"type": "text", "text": "POSITIVE"},
            ],
            tokens=ANSWER,
        ),
    ),
}


@pytest.mark.parametrize(("cut_off", "answer"), TABLE.values(), ids=TABLE)
def test_the_label_comes_after_the_thoughts(cut_off: Action, answer: Action) -> None:
    with imitated(thinks(cut_off, answer)) as provider:
        first, second = predict(provider, "one", "two")
        assert first.problem is None, first.problem
        assert first.predictions == second.predictions == [("POSITIVE", SCORE)]
        assert first.headers["X-Provider-Tokens"] == "input=80, output=2", "both calls are paid"
        assert second.headers["X-Provider-Tokens"] == "input=40, output=1"
        bodies = [seen.body for seen in provider.seen if seen.path == CHAT]
        assert [body["max_completion_tokens"] for body in bodies] == [16, 2048, 2048], (
            "the second text gets room at once"
        )


@pytest.mark.parametrize("route", ["chat", "plain"])
@pytest.mark.parametrize("thoughts", [EMPTY, NULL, TAGGED], ids=["empty", "null", "tag"])
def test_thoughts_without_an_end_are_no_label(thoughts: Action, route: str) -> None:
    with imitated(thinks(thoughts, thoughts)) as provider:
        [outcome] = predict(provider, "one", route=route)
        assert outcome.problem is not None and outcome.status == 502
        assert outcome.problem.title == "The provider returned no label"
        assert "all of it was thought" in outcome.problem.detail
        assert outcome.state is not None
        assert outcome.state.input_tokens == 40 * len(provider.seen), "it was paid for"


@pytest.mark.parametrize(
    "content",
    ["<think>POSITIVE", "POSITIVE</think>", "<think>It lauds.</think>", "<think></think>maybe"],
)
def test_a_thought_is_not_the_answer(content: str) -> None:
    with imitated(lambda seen: completion(content)) as provider:
        [outcome] = predict(provider, "one", route="plain")
        assert outcome.problem is not None
        assert outcome.problem.title == "The provider returned no label"
