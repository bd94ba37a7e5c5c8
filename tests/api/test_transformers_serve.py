"""A third-party server: `transformers serve` with a tiny causal model of random weights.

It has no /v1/decisions, takes `logprobs` and ignores them, and offers /v1/systemone.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hostlab.runtime.ports import free_port
from tests.api.conftest import Service, ask, assert_problem, program

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("accelerate") is None,
    reason="needs transformers serve: pip install -e '.[serving]'",
)

WORDS = [
    "<pad>",
    "<unk>",
    "POSITIVE",
    "NEGATIVE",
    "A",
    "B",
    "great",
    "awful",
    "?",
    ".",
    ",",
    "the",
    "text",
    "label",
]
TEMPLATE = "{% for message in messages %}{{ message['content'] }} {% endfor %}"


def make_model(folder: Path) -> None:
    """Write a one-layer Llama with random weights, which generates one label and stops."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        GenerationConfig,
        LlamaConfig,
        LlamaForCausalLM,
        PreTrainedTokenizerFast,
    )

    torch.manual_seed(0)
    tokenizer = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", chat_template=TEMPLATE
    )
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=512,
        pad_token_id=0,
    )
    model = LlamaForCausalLM(config)
    labels = [WORDS.index("POSITIVE"), WORDS.index("NEGATIVE")]
    others = [index for index in range(len(WORDS)) if index not in labels]
    model.generation_config = GenerationConfig(
        suppress_tokens=others, eos_token_id=labels, pad_token_id=0, do_sample=False
    )
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Return the server's address and its model's name."""
    folder = tmp_path_factory.mktemp("serve")
    make_model(folder / "tiny")
    port, model = free_port(), str(folder / "tiny")
    command = [
        str(Path(sys.executable).with_name("transformers")),
        "serve",
        model,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--device",
        "cpu",
    ]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub"), "OMP_NUM_THREADS": "1"}
    with program(command, folder / "serve.log", f"http://127.0.0.1:{port}/health", **offline):
        yield f"http://127.0.0.1:{port}/v1", model


def test_systemone_is_selected(server: tuple[str, str], run_service: Service) -> None:
    with run_service(
        OPENAI_BASE_URL=server[0], OPENAI_MODEL=server[1], UPSTREAM_TIMEOUT_S="60"
    ) as url:
        assert requests.get(f"{url}/ready", timeout=10).status_code == 200
        answer = ask(url, ["great text", "awful text"])
        for one in answer.json():
            assert one["label"] in ("POSITIVE", "NEGATIVE") and 0.5 <= one["score"] < 1, (
                "the better of two has at least half"
            )
        assert answer.headers["X-Provider-Route"] == "systemone"
        assert (
            "chat: the provider accepted logprobs and ignored them"
            in answer.headers["X-Provider-Route-Why"]
        )
        assert answer.headers["X-Provider-Cost"] == "unknown"


def test_the_score_is_the_servers_own(server: tuple[str, str], run_service: Service) -> None:
    question = {
        "type": "choice",
        "instructions": "Is it?",
        "criteria": {"POSITIVE": None, "NEGATIVE": None},
    }
    body = {"model": server[1], "state": "great text", "questions": {"label": question}}
    answer = requests.post(f"{server[0]}/systemone", json=body, timeout=60).json()["answers"][
        "label"
    ]
    with run_service(
        OPENAI_BASE_URL=server[0],
        OPENAI_MODEL=server[1],
        API_ROUTE="systemone",
        API_QUESTION="Is it?",
    ) as url:
        [one] = ask(url, "great text").json()
    assert one == {
        "label": answer["choice"],
        "score": pytest.approx(answer["probabilities"][answer["choice"]]),
    }


@pytest.mark.parametrize("route", ["chat", "plain"])
def test_chat_gives_a_label_and_no_score(
    server: tuple[str, str], run_service: Service, route: str
) -> None:
    with run_service(
        OPENAI_BASE_URL=server[0], OPENAI_MODEL=server[1], API_ROUTE=route, UPSTREAM_TIMEOUT_S="60"
    ) as url:
        answer = ask(url, "great text")
        [one] = answer.json()
        assert one["label"] in ("POSITIVE", "NEGATIVE") and one["score"] is None
        assert answer.headers["X-Provider-Score"].startswith("none: ")
        assert answer.headers["X-Provider-Tokens"].endswith("output=1")


def test_another_model_than_it_serves(server: tuple[str, str], run_service: Service) -> None:
    with run_service(
        OPENAI_BASE_URL=server[0], OPENAI_MODEL="gpt-6-luna", UPSTREAM_TIMEOUT_S="60"
    ) as url:
        assert (
            "OPENAI_MODEL"
            in assert_problem(ask(url), 502, "The provider rejected the request")["detail"]
        )
