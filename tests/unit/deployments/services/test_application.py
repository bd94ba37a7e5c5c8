"""The application in front of a full predictor: the response, and how little work it takes."""

import asyncio

import httpx2

from deployments.services.application import create_app
from deployments.services.contract import PredictorResult
from deployments.services.problems import Problem
from deployments.services.settings import Settings


class Full:
    """A predictor that is full until `room` is true."""

    model, engine, engine_note = "full", None, None
    room = False

    def reject_if_full(self) -> None:
        if not self.room:
            raise Problem(503, "The queue is full", "Ask again in 3 s.", retry_after_s=3)

    async def start(self) -> None: ...
    async def check(self) -> None: ...
    async def close(self) -> None: ...

    async def predict(self, texts: list[str], request_id: str) -> PredictorResult:
        return PredictorResult([], {})


def test_a_full_service_rejects_before_it_reads_and_still_reports_its_state() -> None:
    async def go() -> None:
        predictor = Full()
        app = create_app(predictor, Settings.from_environment("in-process", 5000))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://service"
        ) as client:
            rejected = await client.post(
                "/predict", content=b"no JSON", headers={"X-Request-ID": "mine"}
            )
            assert (rejected.status_code, rejected.headers["content-type"]) == (
                503,
                "application/problem+json",
            )
            assert (rejected.headers["Retry-After"], rejected.headers["X-Request-ID"]) == (
                "3",
                "mine",
            )
            assert (
                rejected.json() | {"title": "The queue is full", "request_id": "mine"}
                == rejected.json()
            )
            assert "hostlab_requests_total" in (await client.get("/metrics")).text
            assert (
                (await client.get("/health")).status_code
                == (await client.get("/ready")).status_code
                == 200
            )
            assert (await client.get("/predict")).status_code == 405
            predictor.room = True
            assert (await client.post("/predict", content=b"no JSON")).status_code == 415
            assert (await client.post("/predict", json={"text": "a"})).status_code == 200

    asyncio.run(go())
