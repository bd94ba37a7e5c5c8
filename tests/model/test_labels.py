"""Labels and scores of all kinds, as the pipeline and the services return them."""

import asyncio
from pathlib import Path

import httpx2
import numpy as np
import pytest
from pydantic import TypeAdapter

from deployments.model.classifier import Classifier
from deployments.model.description import Description
from deployments.model.engines.types import Inputs, Logits
from deployments.services.application import create_app
from deployments.services.batching import BatchedModel
from deployments.services.contract import PredictorResult
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem
from deployments.services.settings import Settings
from tests.model.tiny_models import (
    TEXTS,
    assert_like_pipeline,
    change_config,
    letters,
    load_torch,
    save_model,
    tokenizer,
)


def named(*labels: object) -> dict[str, object]:
    return {str(number): label for number, label in enumerate(labels)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_model(tmp_path)


def test_numbers_become_text(folder: Path) -> None:
    classifier = load_torch(change_config(folder, id2label=named(5, 7, 1.5, True, "x")))
    assert classifier.labels == ["5", "7", "1.5", "True", "x"]
    assert {type(label) for label, _ in classifier.predict(TEXTS)} == {str}


def test_two_outputs_with_the_same_label(folder: Path) -> None:
    change_config(folder, id2label=named("a", "a", "b", "b", "b"))
    classifier = load_torch(folder)
    assert classifier.labels == ["a", "a", "b", "b", "b"]
    assert_like_pipeline(classifier, folder)


@pytest.mark.parametrize(
    ("problem_type", "outputs"),
    [
        ("regression", 1),
        ("regression", 3),
        ("single_label_classification", 3),
        ("multi_label_classification", 1),
        ("multi_label_classification", 3),
        (None, 1),
        (None, 3),
    ],
)
def test_scores_of_each_kind_of_problem(
    tmp_path: Path, problem_type: str | None, outputs: int
) -> None:
    folder = save_model(tmp_path, id2label=dict(enumerate("abc"[:outputs])))
    assert_like_pipeline(load_torch(change_config(folder, problem_type=problem_type)), folder)


async def answer(classifier: Classifier, texts: list[str]) -> httpx2.Response:
    """Ask a service that hosts the classifier."""
    model = BatchedModel(lambda: classifier, queue_limit=64)
    app = create_app(model, Settings.from_environment("separate-process", 5000))
    async with app.router.lifespan_context(app):
        while model.model is None and app.state.failure is None:
            await asyncio.sleep(0.01)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://service"
        ) as client:
            return await client.post("/predict", json={"text": texts})


@pytest.mark.parametrize("problem_type", [None, "regression"])
def test_services_return_what_the_model_returns(folder: Path, problem_type: str | None) -> None:
    change_config(folder, id2label=named(5, 7, 9, 9, 0), problem_type=problem_type)
    classifier = load_torch(folder)
    response = asyncio.run(answer(classifier, TEXTS))
    assert response.status_code == 200
    found = TypeAdapter(list[Prediction]).validate_json(response.content)
    expected = classifier.predict(TEXTS)
    assert [one.label for one in found] == [label for label, _ in expected]
    assert [one.score for one in found] == pytest.approx([score for _, score in expected], abs=1e-5)
    scores = [score for _, score in expected]
    assert (problem_type == "regression") is (max(scores) > 1)


def test_only_the_text_without_a_token_fails(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "distilbert", letters("The first prediction is slowest."))
    classifier = load_torch(folder)
    assert [len(one) for one in classifier.encode(["a", "good film"])] == [0, 7]
    assert_like_pipeline(classifier, folder, ["good film", "good"])
    with pytest.raises(ValueError, match="nothing to read"):  # padding must not hide it
        classifier.predict(["good film", "a"])
    model = BatchedModel(lambda: classifier, queue_limit=64)

    async def ask() -> list[object]:
        await model.start()
        one_by_one = (model.predict([text], "id") for text in ["good film", "a", "good"])
        found = await asyncio.gather(*one_by_one, return_exceptions=True)
        await model.close()
        return found

    good, empty, also_good = asyncio.run(ask())
    assert isinstance(good, PredictorResult) and isinstance(also_good, PredictorResult)
    assert isinstance(empty, Problem) and empty.status == 422


def test_an_output_that_is_not_finite_fails() -> None:
    class Overflows:
        def run(self, inputs: Inputs) -> Logits:
            return np.full((len(inputs["input_ids"]), 2), np.nan, dtype=np.float32)

    described = Description("x", ["a", "b"], "softmax", 8, ["input_ids"], "right", 0, 0)
    backend = tokenizer().backend_tokenizer
    classifier = Classifier(described, backend.encode_batch, Overflows(), "onnx", threads=1)
    with pytest.raises(ValueError, match="finite"):
        classifier.predict(["a"])
