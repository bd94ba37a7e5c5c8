"""The rules of batching, with a model that records every call."""

import asyncio
import statistics
import threading
import time

import pytest

from deployments.services.batching import BatchedModel
from deployments.services.problems import Problem


class RecordingModel:
    """Records its batches, labels a text by its length, and can be blocked or made to fail."""

    name, engine, engine_note = "recording", "none", None

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.batches: list[list[int]] = []
        self.running = 0  # batches that have begun
        self.encoded = 0
        self.go = threading.Event()
        self.go.set()

    def encode(self, texts: list[str]) -> list[list[int]]:
        self.encoded += len(texts)
        return [[ord(letter) for letter in text] for text in texts]

    def classify(self, encodings: list[list[int]]) -> list[tuple[str, float]]:
        self.running += 1
        self.go.wait(60)
        self.batches.append([len(one) for one in encodings])
        if any(ord("!") in one for one in encodings):
            raise RuntimeError("bad text")
        return [(str(len(one)), 0.5) for one in encodings]


async def started(model: RecordingModel, **options: int) -> BatchedModel:
    batched = BatchedModel(lambda: model, **{"queue_limit": 100, "token_budget": 100} | options)
    await batched.start()
    model.batches.clear()  # the warm-up
    return batched


async def queue_behind(
    model: RecordingModel, batched: BatchedModel, *requests: list[str]
) -> list[asyncio.Task]:
    """Block the model with one text, queue the requests, and return their tasks.

    The model continues when `go` is set.
    """
    model.go.clear()
    first = asyncio.ensure_future(batched.predict(["x"], ""))
    await until(lambda: not batched._queue)
    tasks = [asyncio.ensure_future(batched.predict(texts, "")) for texts in requests]
    await until(lambda: len(batched._queue) == sum(map(len, requests)))
    assert not first.done()
    return tasks


async def until(true) -> None:
    deadline = time.monotonic() + 60
    await asyncio.sleep(0)
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


def test_idle_model_does_not_wait_for_more_texts() -> None:
    async def go() -> None:
        model = RecordingModel()
        batched = await started(model)
        answer = await batched.predict(["abc"], "")
        assert [one.label for one in answer.predictions] == ["3"]
        assert model.batches == [[3]]
        idle_ms, waiting_ms = [], []
        for _ in range(20):
            idle_ms.append((await batched.predict(["abc"], "")).timing_ms["queue"])
            began = time.perf_counter()
            await asyncio.to_thread(time.sleep, 0.005)  # as if it waited 5 ms for more texts
            waiting_ms.append((time.perf_counter() - began) * 1000)
        assert statistics.median(idle_ms) < statistics.median(waiting_ms)
        await batched.close()

    asyncio.run(go())


def test_what_waits_together_runs_together_by_length_and_budget() -> None:
    async def go() -> None:
        model = RecordingModel()
        batched = await started(model, token_budget=30)
        tasks = await queue_behind(
            model, batched, ["a" * 10], ["b" * 25, "c" * 9], ["d" * 11], ["e" * 24]
        )
        model.go.set()
        answers = await asyncio.gather(*tasks)
        assert [[one.label for one in answer.predictions] for answer in answers] == [
            ["10"],
            ["25", "9"],
            ["11"],
            ["24"],
        ]
        assert model.batches[0] == [1]
        assert sorted(model.batches[1]) == [9, 10], (
            "the oldest, and what is nearest to it within 30 tokens of padded batch"
        )
        assert all(len(batch) * max(batch) <= 30 for batch in model.batches)
        await batched.close()

    asyncio.run(go())


def test_batches_run_in_parallel() -> None:
    async def go() -> None:
        model = RecordingModel(threads=2)
        batched = await started(model, token_budget=10)
        model.running = 0
        model.go.clear()
        tasks = [
            asyncio.ensure_future(batched.predict([text], ""))
            for text in ("a" * 10, "b" * 9, "c" * 8)
        ]
        await until(lambda: model.running == 2)
        await until(lambda: len(batched._queue) == 1)
        model.go.set()
        assert [(await task).predictions[0].label for task in tasks] == ["10", "9", "8"]
        await batched.close()

    asyncio.run(go())


def test_model_time_counts_once_if_batches_of_one_request_run_in_parallel() -> None:
    class Slow(RecordingModel):
        def classify(self, encodings: list[list[int]]) -> list[tuple[str, float]]:
            time.sleep(0.05)
            return super().classify(encodings)

    async def go() -> None:
        batched = await started(Slow(threads=2), token_budget=10)
        began = time.perf_counter()
        timing_ms = (await batched.predict(["a" * 10, "b" * 10], "")).timing_ms
        took_ms = (time.perf_counter() - began) * 1000
        assert 50 <= timing_ms["model"] <= sum(timing_ms.values()) <= took_ms
        await batched.close()

    asyncio.run(go())


def test_full_queue_rejects_with_retry_after_and_an_empty_one_accepts_a_whole_request() -> None:
    async def go() -> None:
        model = RecordingModel()
        batched = await started(model, queue_limit=4)
        [task] = await queue_behind(model, batched, ["a", "b", "c"])
        encoded = model.encoded
        with pytest.raises(Problem) as rejected:
            await batched.predict(["d", "e"], "")
        assert rejected.value.status == 503 and rejected.value.retry_after_s >= 1
        assert model.encoded == encoded, "no work is done for rejected texts"
        model.go.set()
        assert len((await task).predictions) == 3
        await batched.close()

    asyncio.run(go())


def test_cancelled_request_never_reaches_the_model() -> None:
    async def go() -> None:
        model = RecordingModel()
        batched = await started(model)
        gone, stays = await queue_behind(model, batched, ["a" * 7, "b" * 8], ["c" * 9])
        gone.cancel()
        await until(lambda: len(batched._queue) == 1)
        model.go.set()
        await stays
        assert [length for batch in model.batches for length in batch] == [1, 9]
        await batched.close()

    asyncio.run(go())


def test_a_text_that_the_model_fails_on_fails_alone() -> None:
    async def go() -> None:
        model = RecordingModel()
        batched = await started(model)
        tasks = await queue_behind(model, batched, ["good"], ["bad!"], ["fine", "well"])
        model.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(results[1], Problem) and results[1].status == 422
        assert [one.label for result in (results[0], results[2]) for one in result.predictions] == [
            "4",
            "4",
            "4",
        ]
        assert (await batched.predict(["again"], "")).predictions[0].label == "5"
        await batched.close()

    asyncio.run(go())


def test_model_that_cannot_be_loaded_raises() -> None:
    def broken() -> RecordingModel:
        raise ValueError("no such model")

    async def go() -> None:
        batched = BatchedModel(broken, queue_limit=64)
        with pytest.raises(ValueError, match="no such model"):
            await batched.start()
        with pytest.raises(Problem) as rejected:
            await batched.predict(["a"], "")
        assert rejected.value.status == 503

    asyncio.run(go())


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_stopping_while_the_model_loads_is_no_error_of_the_thread() -> None:
    model, loading, go_on = RecordingModel(), threading.Event(), threading.Event()

    def slow() -> RecordingModel:
        loading.set()
        go_on.wait(60)
        return model

    async def go() -> None:
        batched = BatchedModel(slow, queue_limit=64)
        start = asyncio.ensure_future(batched.start())
        await until(loading.is_set)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        await batched.close()
        threads = [one for one in threading.enumerate() if one.name == "model"]
        go_on.set()
        await until(lambda: not any(one.is_alive() for one in threads))

    asyncio.run(go())
