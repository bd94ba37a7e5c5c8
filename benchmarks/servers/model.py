"""What the servers of the peers run: the transformers model, or this project's ONNX file.

With EXPORT, the folder of an export, it is what somebody would write who knows ONNX Runtime. It
imports nothing of the project.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = list[int]  # the tokens of one text
Logits = NDArray[np.float32]
Prediction = dict[str, Any]  # a label and its score


def load_model(batch_size: int = 1) -> Callable[[list[str]], list[Prediction]]:
    """Return a function that labels texts: a pipeline with batches of `batch_size`, or ONNX."""
    if export := os.environ.get("EXPORT"):
        tokenizer, classify = _onnx_tokenizer(Path(export)), _onnx_network(Path(export))
        return lambda texts: classify([one.ids for one in tokenizer.encode_batch(texts)])
    from transformers import pipeline

    labels = pipeline("text-classification", model=os.environ["MODEL"], dtype="float32")

    def predict(texts: list[str]) -> list[Prediction]:
        return labels(texts, batch_size=batch_size)

    return predict


def load_tokenizer() -> Callable[[str], Ids]:
    """Return a function that tokenizes one text, for servers that do this in another process."""
    if export := os.environ.get("EXPORT"):
        tokenizer = _onnx_tokenizer(Path(export))
        return lambda text: tokenizer.encode(text).ids
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(os.environ["MODEL"]).encode


def load_network() -> Callable[[Sequence[Ids]], list[Prediction]]:
    """Return a function that labels tokenized texts in one batch."""
    if export := os.environ.get("EXPORT"):
        return _onnx_network(Path(export))
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(
        os.environ["MODEL"], dtype=torch.float32
    ).eval()
    labels = [model.config.id2label[index] for index in range(model.config.num_labels)]

    def classify(texts: Sequence[Ids]) -> list[Prediction]:
        ids, mask = (torch.from_numpy(one) for one in padded(texts, model.config.pad_token_id or 0))
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits.numpy()
        return predictions(logits, labels)

    return classify


def _onnx_tokenizer(export: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(export / "tokenizer.json"))


def _onnx_network(export: Path) -> Callable[[Sequence[Ids]], list[Prediction]]:
    """Return a function that labels tokenized texts in one batch, on MODEL_THREADS cores."""
    import onnxruntime

    described = json.loads((export / "description.json").read_text(encoding="utf-8"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["MODEL_THREADS"])
    # Otherwise, idle threads take the cores from the server and its other workers
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(export / "network.onnx", options)

    def classify(texts: Sequence[Ids]) -> list[Prediction]:
        ids, mask = padded(texts, described["pad_id"])
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        [logits] = session.run(None, {name: known[name] for name in described["inputs"]})
        return predictions(logits, described["labels"])

    return classify


def padded(texts: Sequence[Ids], pad_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tokens of texts, padded to the longest one, and the mask of the real tokens."""
    shape = (len(texts), max(map(len, texts)))
    ids, mask = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return ids, mask


def predictions(logits: Logits, labels: Sequence[str]) -> list[Prediction]:
    """Return the best label of each text, with its softmax."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores = powers / powers.sum(axis=1, keepdims=True)
    return [{"label": labels[row.argmax()], "score": float(row.max())} for row in scores]
