"""What the servers of the peers run: the transformers pipeline, or this project's ONNX file.

With EXPORT, the folder of an export, it is what somebody would write who knows ONNX Runtime. It
imports nothing of the project.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Predict = Callable[[list[str]], list[dict[str, Any]]]


def load_model(batch_size: int = 1) -> Predict:
    """Return a function that labels texts. It runs them in batches of `batch_size`."""
    if export := os.environ.get("EXPORT"):
        return onnx_model(Path(export), int(os.environ["MODEL_THREADS"]))
    from transformers import pipeline

    classify = pipeline("text-classification", model=os.environ["MODEL"], dtype="float32")

    def predict(texts: list[str]) -> list[dict[str, Any]]:
        return classify(texts, batch_size=batch_size)

    return predict


def onnx_model(export: Path, threads: int) -> Predict:
    """Return a function that labels texts in one batch, on `threads` cores."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    described = json.loads((export / "description.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(export / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=described["pad_id"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(export / "network.onnx", options)

    def predict(texts: list[str]) -> list[dict[str, Any]]:
        encodings = tokenizer.encode_batch(texts)
        known = {
            "input_ids": [one.ids for one in encodings],
            "attention_mask": [one.attention_mask for one in encodings],
            "token_type_ids": [one.type_ids for one in encodings],
        }
        inputs = {name: np.array(known[name], dtype=np.int64) for name in described["inputs"]}
        [logits] = session.run(None, inputs)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores = powers / powers.sum(axis=1, keepdims=True)
        return [
            {"label": described["labels"][row.argmax()], "score": float(row.max())}
            for row in scores
        ]

    return predict
