"""A tiny run of train.py creates a model that load_classifier can load."""

import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertConfig, BertModel

from deployments.model.everyday import as_typed, everyday_examples
from deployments.model.everyday_words import EMOJI
from deployments.model.loading import load_classifier
from deployments.model.source import SHIPPED
from hostlab.runtime.paths import ROOT


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=16,
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def treebank(tmp_path: Path) -> Path:
    archive = tmp_path / "trees.zip"
    words = [("fine", 4), ("good", 3), ("dull", 1), ("bad", 0), ("table", 2)]
    trees = "\n".join(
        f"({label} (2 a) ({label} ({label} {word}) (2 film{number})))"
        for number in range(8)
        for word, label in words
    )
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("train.txt", "dev.txt", "test.txt"):
            file.writestr(f"trees/{name}", trees)
    return archive


def test_train_makes_a_model_that_loads(base: Path, treebank: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = [
        "--epochs",
        "1",
        "--batch",
        "8",
        "--everyday",
        "40",
        "--vocabulary",
        "500",
        "--threads",
        "1",
    ]
    command = [
        sys.executable,
        "-m",
        "deployments.model.train",
        "--base",
        str(base),
        "--data",
        str(treebank),
        "--out",
        str(out),
        *options,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "68 training phrases, 32 dev sentences, 32 test sentences" in done.stdout
    assert '"dev"' in done.stdout.splitlines()[-1]
    classifier = load_classifier(str(out), engine="torch")
    assert classifier.labels == ["NEGATIVE", "POSITIVE"]
    assert classifier.max_tokens == 256
    assert len(classifier.encode(["😀👎"])[0]) == 4, "an emoji is one token of its own"
    assert len(classifier.predict(["a fine film0", "🥱 résumé x"])) == 2


def test_everyday_examples_are_balanced_and_repeatable() -> None:
    examples = everyday_examples(200, random.Random(3))
    assert sum(label for _, label in examples) == 100
    assert examples == everyday_examples(200, random.Random(3))
    assert len({text for text, _ in examples}) > 150
    assert not any("{" in text or "  " in text for text, _ in examples)


def test_as_typed_keeps_the_words_and_the_sign_of_an_emoji() -> None:
    rng = random.Random(1)
    forms = {as_typed("it is n't bad .", 1, rng) for _ in range(300)}
    assert {"it isn't bad", "it is n't bad .", "it isn't bad!"} <= forms
    signs = {sign for form in forms for sign in EMOJI if sign in form}
    assert "😀" in signs and "👎" not in signs
