"""mosec with dynamic batching, in two stages as in its DistilBERT example.

The first stage reads the request, and the second one, with WORKERS processes, labels up to
BATCH_SIZE texts at once.
"""

import json
import os
from typing import Any

from model import load_model
from mosec import Runtime, Server, Worker

BATCH_SIZE = int(os.environ["BATCH_SIZE"])


class Preprocess(Worker):
    def deserialize(self, data: bytes) -> str:
        return json.loads(data)["text"]

    def forward(self, data: str) -> str:
        return data


class Inference(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.model = load_model(BATCH_SIZE)

    def forward(self, data: Any) -> Any:
        # It gets one text instead of a list if batches have only one
        return self.model(data) if isinstance(data, list) else self.model([data])[0]

    def serialize(self, data: Any) -> bytes:
        return json.dumps([data]).encode()


if __name__ == "__main__":
    server = Server()
    stages = [
        Runtime(Preprocess),
        Runtime(
            Inference,
            num=int(os.environ["WORKERS"]),
            max_batch_size=BATCH_SIZE,
            max_wait_time=int(os.environ["MAX_WAIT_MS"]),
        ),
    ]
    server.register_runtime({"/predict": stages})
    server.run()
