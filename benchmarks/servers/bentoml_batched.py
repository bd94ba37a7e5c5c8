"""BentoML with its adaptive batching: it merges requests, which are lists of texts.

A batch has up to BATCH_SIZE texts.
"""

import os
from typing import Any

import bentoml
from model import load_model

BATCH_SIZE = int(os.environ["BATCH_SIZE"])


@bentoml.service(workers=int(os.environ["WORKERS"]), traffic={"timeout": 60})
class Sentiment:
    def __init__(self) -> None:
        self.model = load_model(BATCH_SIZE)

    @bentoml.api(
        batchable=True, max_batch_size=BATCH_SIZE, max_latency_ms=int(os.environ["MAX_LATENCY_MS"])
    )
    def predict(self, text: list[str]) -> list[dict[str, Any]]:
        return self.model(text)
