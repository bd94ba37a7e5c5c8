"""mosec with dynamic batching, in two stages as in its DistilBERT example.

The first stage tokenizes a text. The second one, with WORKERS processes, runs the model on up to
BATCH_SIZE texts at once. Unlike in the example, requests and responses are JSON, and padding is
masked.
"""

import json
import os
from typing import Any

from model import load_network, load_tokenizer
from mosec import Server, Worker

BATCH_SIZE = int(os.environ["BATCH_SIZE"])


class Preprocess(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.encode = load_tokenizer()

    def deserialize(self, data: bytes) -> str:
        return json.loads(data)["text"]

    def forward(self, data: str) -> list[int]:
        return self.encode(data)


class Inference(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.classify = load_network()

    def forward(self, data: Any) -> Any:
        # If batches have only one text, it gets the text itself instead of a list
        return self.classify(data) if BATCH_SIZE > 1 else self.classify([data])[0]

    def serialize(self, data: Any) -> bytes:
        return json.dumps([data]).encode()


if __name__ == "__main__":
    server = Server()
    server.append_worker(Preprocess, route="/predict")
    server.append_worker(
        Inference,
        num=int(os.environ["WORKERS"]),
        max_batch_size=BATCH_SIZE,
        max_wait_time=int(os.environ["MAX_WAIT_MS"]),
        route="/predict",
    )
    server.run()
