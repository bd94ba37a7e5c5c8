"""Ray Serve with dynamic batching, and WORKERS replicas.

A batch has up to BATCH_SIZE texts, which arrived within BATCH_WAIT_S seconds. The HTTP port is on
127.0.0.1 only. Ray's own processes communicate over ports on all interfaces.
"""

import os
import threading
from typing import Any

import ray
from model import load_model
from ray import serve
from starlette.requests import Request

BATCH_SIZE, WORKERS = int(os.environ["BATCH_SIZE"]), int(os.environ["WORKERS"])
THREADS = os.environ["MODEL_THREADS"]


# Ray sets a replica's number of threads to its share of the cores, unless it is set here.
@serve.deployment(
    num_replicas=WORKERS,
    max_ongoing_requests=100,
    ray_actor_options={"runtime_env": {"env_vars": {"OMP_NUM_THREADS": THREADS}}},
)
class Sentiment:
    def __init__(self) -> None:
        self.model = load_model(BATCH_SIZE)

    @serve.batch(max_batch_size=BATCH_SIZE, batch_wait_timeout_s=float(os.environ["BATCH_WAIT_S"]))
    async def classify(self, texts: list[str]) -> list[dict[str, Any]]:
        return self.model(texts)

    async def __call__(self, request: Request) -> list[dict[str, Any]]:
        return [await self.classify((await request.json())["text"])]


if __name__ == "__main__":
    # Each replica requests a core. Here, the operating system decides how many run concurrently.
    ray.init(num_cpus=WORKERS + 2, include_dashboard=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(os.environ["PORT"])})
    serve.run(Sentiment.bind(), route_prefix="/predict")
    threading.Event().wait()
