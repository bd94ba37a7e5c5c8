"""Models whose only tokenizer file is one of SentencePiece."""

import io
from pathlib import Path

import pytest
import sentencepiece

from deployments.model.source import SHIPPED
from tests.model.tiny_models import (
    assert_like_pipeline,
    load_torch,
    save_network,
)

SENTENCES = (SHIPPED / "README.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("architecture", "file"),
    [
        ("albert", "spiece.model"),
        ("xlnet", "spiece.model"),
        ("xlm-roberta", "sentencepiece.bpe.model"),
        ("deberta-v2", "spm.model"),
    ],
)
def test_a_folder_without_tokenizer_json(tmp_path: Path, architecture: str, file: str) -> None:
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_writer=trained,
        vocab_size=200,
        hard_vocab_limit=False,
        user_defined_symbols=["[CLS]", "[SEP]", "[MASK]"],
        minloglevel=2,
    )
    folder = save_network(tmp_path, architecture, type_vocab_size=4)
    (folder / file).write_bytes(trained.getvalue())
    classifier = load_torch(folder)
    assert len(classifier.encode(["A fine film."])[0]) > 3
    assert_like_pipeline(classifier, folder)
