"""load_classifier returns what the transformers pipeline returns, for any number of labels."""

import random
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel, pipeline

from deployments.model.errors import ModelUnusable
from deployments.model.loading import load_classifier
from deployments.model.source import SHIPPED

TEXTS = [
    "A fine film.",
    "No.",
    "It's " + "very " * 400 + "long",
    "Добрый день",
    "😀",
    "what? " * 20,
    "a\x00b\ttab\nline",
]


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


def random_model(folder: Path, labels: list[str], problem_type: str | None = None) -> str:
    """Write a tiny model with random weights and the shipped tokenizer; return its folder."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(SHIPPED)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        problem_type=problem_type,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def assert_like_pipeline(classifier, folder: str) -> None:
    reference = pipeline(
        "text-classification",
        model=folder,
        device="cpu",
        dtype=torch.float32,
        truncation=True,
        max_length=classifier.max_tokens,
    )
    for text, (label, score) in zip(TEXTS, classifier.predict(TEXTS), strict=True):
        [expected] = reference([text])
        assert (label, score) == (expected["label"], pytest.approx(expected["score"], abs=1e-5))


def test_shipped_model_predicts_like_the_pipeline(classifier) -> None:
    assert classifier.labels == ["NEGATIVE", "POSITIVE"]
    assert_like_pipeline(classifier, str(SHIPPED))


@pytest.mark.parametrize(
    ("labels", "problem_type"),
    [
        (["joy", "anger", "fear", "surprise", "calm"], None),
        (["toxic", "rude", "threat"], "multi_label_classification"),
        (["stars"], None),
    ],
    ids=["five labels", "independent labels", "one label"],
)
def test_other_label_sets(tmp_path: Path, labels: list[str], problem_type: str | None) -> None:
    folder = random_model(tmp_path, labels, problem_type)
    classifier = load_classifier(folder, engine="torch")
    assert classifier.labels == labels
    assert_like_pipeline(classifier, folder)


def test_the_batch_does_not_change_the_prediction(classifier) -> None:
    texts = TEXTS * 3
    random.Random(1).shuffle(texts)
    together = classifier.predict(texts)
    for text, (label, score) in zip(texts, together, strict=True):
        [(alone_label, alone_score)] = classifier.predict([text])
        assert (alone_label, alone_score) == (label, pytest.approx(score, abs=1e-5))


def test_model_id_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_ID", random_model(tmp_path, ["a", "b", "c"]))
    monkeypatch.setenv("MODEL_ENGINE", "torch")
    assert load_classifier().labels == ["a", "b", "c"]


def test_threads_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_THREADS", "1")
    assert load_classifier().threads == 1
    monkeypatch.setenv("MODEL_THREADS", "many")
    with pytest.raises(ModelUnusable, match="MODEL_THREADS"):
        load_classifier()


def test_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"config\.json"):
        load_classifier(str(tmp_path))


def test_unknown_name_without_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnusable, match="unset MODEL_ID"):
        load_classifier("nobody/no-such-model")


def test_model_without_a_classification_head(tmp_path: Path) -> None:
    folder = random_model(tmp_path, ["a", "b"])
    BertModel.from_pretrained(folder).save_pretrained(folder)
    with pytest.raises(ModelUnusable, match="is not a model that classifies"):
        load_classifier(folder, engine="torch")
