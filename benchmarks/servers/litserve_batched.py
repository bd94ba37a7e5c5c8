"""LitServe with batching: predict() gets up to BATCH_SIZE texts.

They arrived within BATCH_WAIT_S seconds.
"""

import os
from typing import Any

import litserve
from model import load_model

BATCH_SIZE = int(os.environ["BATCH_SIZE"])


class Sentiment(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.model = load_model(BATCH_SIZE)

    def decode_request(self, request: dict[str, str]) -> str:
        return request["text"]

    def predict(self, texts: list[str] | str) -> Any:  # one text if batches have only one
        return self.model([texts] if isinstance(texts, str) else texts)

    def encode_response(self, prediction: Any) -> Any:
        return prediction if isinstance(prediction, list) else [prediction]


if __name__ == "__main__":
    api = Sentiment(max_batch_size=BATCH_SIZE, batch_timeout=float(os.environ["BATCH_WAIT_S"]))
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=int(os.environ["WORKERS"])
    )
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        generate_client_file=False,
        log_level="warning",
    )
