"""The accuracy of the shipped model on SST-2 dev, if the treebank is available."""

from pathlib import Path

import pytest

from deployments.model.loading import load_classifier
from deployments.model.treebank import phrases, read_sentences
from hostlab.runtime.paths import ROOT

TREEBANK = ROOT.parent / "shared" / "data" / "sst"


def accuracy(name: str) -> float:
    classifier = load_classifier(threads=2)
    examples = sorted(read_sentences(Path(TREEBANK), name), key=lambda example: len(example[0]))
    right = 0
    for start in range(0, len(examples), 32):
        texts, labels = zip(*examples[start : start + 32], strict=True)
        right += sum(
            found == ("POSITIVE" if label else "NEGATIVE")
            for (found, _), label in zip(classifier.predict(list(texts)), labels, strict=True)
        )
    return right / len(examples)


@pytest.mark.skipif(not TREEBANK.is_dir(), reason="needs the Stanford Sentiment Treebank")
def test_accuracy_on_dev() -> None:
    assert accuracy("dev.txt") >= 0.90


def test_tree_is_read_into_phrases() -> None:
    tree = "(3 (2 It) (4 (2 's) (4 -LRB-nice-RRB-)))"
    assert list(phrases(tree)) == [
        ("It", 2),
        ("'s", 2),
        ("-LRB-nice-RRB-", 4),
        ("'s -LRB-nice-RRB-", 4),
        ("It 's -LRB-nice-RRB-", 3),
    ]
    assert list(phrases("(1 (2 -LRB-) (1 bad))"))[-1] == ("( bad", 1)
