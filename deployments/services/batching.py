"""Dynamic batching: texts that wait at the same time go through the model together.

A model reads eight short texts in much less than eight times the time of one. So while the model works, what arrives waits,
and the next batch is made of what waits. Four rules make this fast and fair:

- An idle model starts at once: there is no waiting for company.
- The batch is built around the text that has waited longest, from those nearest to it in length (batch_choice.py).
- A batch is cut by a budget of tokens, padding included, not by a count of texts, so that nobody waits for a huge one.
- The queue is bounded. Who comes when it is full is refused at once, which is kinder than an answer that comes too late.

There is one thread for each core that the model may use, and each runs a batch on one core: two batches side by side take less
time than one after the other on both cores, because nobody waits for anybody; on two cores that brought 1.5 times the texts a
second. A short text that has the machine for itself would take 8 ms on two cores and takes 10 on one; but where something else is
at work, too, it took 50 on two cores, which wait for each other some hundred times, and 12 on one.

The event loop of the HTTP server only waits. It is woken once for a whole batch: each wake-up hands it Python's lock, and a
batch that ends at that moment would have to wait for it. A text that makes the model fail is found by running the failed
batch's texts one by one, so that it fails alone.

Two more things keep the event loop quick while the model works, and with it every refusal:

- Python's garbage collector walks through all objects now and then, torch's and transformers' hundred thousands among them, and
  for 0.2 s nothing else runs. What is there when the model is loaded stays for good, so it is taken out of the collector's sight.
- The model's threads want all cores all the time. On Linux they step back a little (`nice`) when the event loop wants one.
"""

import asyncio
import contextlib
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from deployments.services.batch_choice import choose
from deployments.services.contract import Answer, Prediction
from deployments.services.problems import Problem
from deployments.services.telemetry import BATCH_TEXTS, MODEL_SECONDS, QUEUED_TEXTS

log = logging.getLogger("hostlab")

TOKEN_BUDGET = 256  # of one batch, padding included; on one core a larger batch gains little, and leaves less for the other cores
NICE = 10  # of the model's threads: 0 is as everybody, 19 is last


class Classifier(Protocol):
    """What the batcher needs of a model: see deployments.model.Classifier."""

    name: str
    threads: int  # how many cores it may use

    def encode(self, texts: list[str]) -> list[Any]: ...
    def classify(
        self, encodings: list[Any], threads: int
    ) -> list[Any]: ...  # (label, score) for each, where predict() is used


@dataclass(eq=False)
class _Waiting:
    """One text in the queue."""

    encoding: Any
    result: asyncio.Future  # of (what the classifier says, start and end of its batch in seconds)


class BatchedModel:
    """A model behind a queue. It loads in its own thread, so that /health answers meanwhile."""

    def __init__(
        self, load: Callable[[], Classifier], queue_limit: int, token_budget: int = TOKEN_BUDGET
    ) -> None:
        self._load, self._limit, self._budget = load, queue_limit, token_budget
        self._classifier: Classifier | None = None
        self._queue: list[_Waiting] = []
        self._changed = threading.Condition()
        self._closed = False
        self._seconds_per_text = 0.02  # a running average, for Retry-After
        self._loaded: Future = Future()

    @property
    def model(self) -> str | None:
        """The model's name, or None while it loads."""
        return self._classifier.name if self._classifier else None

    async def start(self) -> None:
        """Load the model and let it answer once. Raises what loading raised."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._load_and_run, name="model", daemon=True).start()
        await asyncio.wrap_future(self._loaded)

    async def check(self) -> None:
        """Raise Problem 503 unless the model is loaded."""
        if self._classifier is None:
            raise Problem(
                503,
                "Not ready",
                "The model is still loading. Ask again in a second.",
                retry_after_s=1,
            )

    def refuse(self, texts: int = 1) -> None:
        """Raise Problem 503 where no room is left for so many texts to wait."""
        waiting = len(self._queue)
        if waiting + texts > self._limit:
            retry_after_s = max(1, round(waiting * self._seconds_per_text))
            detail = f"{waiting} texts wait and {self._limit} may. Ask again in {retry_after_s} s, with fewer texts at a time."
            raise Problem(503, "The queue is full", detail, retry_after_s=retry_after_s)

    async def predict(self, texts: list[str], request_id: str) -> Answer:
        """Return a prediction for each text, in order, and the milliseconds in `queue` and `model`. Raises what `run` raises."""
        labelled, timing_ms = await self.run(texts)
        return Answer(
            [Prediction(label=label, score=score) for label, score in labelled], timing_ms
        )

    async def run(self, texts: list[str]) -> tuple[list[Any], dict[str, float]]:
        """Return what the classifier says of each text, in order, and the milliseconds in `queue` and `model`.

        Raises Problem 503 when the queue is full, 422 for a text that the model fails on. Cancelling drops what still waits.
        """
        await self.check()
        self.refuse(len(texts))  # before any work is done for them
        waiting = [
            _Waiting(encoding, self._loop.create_future()) for encoding in await self._encode(texts)
        ]
        arrived = time.perf_counter()
        self._enqueue(waiting)
        try:
            done = await asyncio.gather(*(one.result for one in waiting))
        except BaseException:
            self._drop(waiting)
            raise
        model_s = _covered_s({batch for _, batch in done})
        total_s = max(end for _, (_, end) in done) - arrived
        timing_ms = {"queue": max(0.0, total_s - model_s) * 1000, "model": model_s * 1000}
        return [said for said, _ in done], timing_ms

    async def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def _encode(self, texts: list[str]) -> list[Any]:
        try:
            if sum(map(len, texts)) < 2000:  # a fraction of a millisecond: not worth a thread
                return self._classifier.encode(texts)
            return await asyncio.to_thread(self._classifier.encode, texts)
        except Exception as error:
            log.error("the tokenizer failed", exc_info=error)
            raise _unreadable() from error

    def _enqueue(self, waiting: list[_Waiting]) -> None:
        with self._changed:
            self.refuse(len(waiting))
            self._queue += waiting
            QUEUED_TEXTS.set(len(self._queue))
            self._changed.notify(len(waiting))

    def _drop(self, waiting: list[_Waiting]) -> None:
        gone = set(waiting)
        with self._changed:
            self._queue = [one for one in self._queue if one not in gone]
            QUEUED_TEXTS.set(len(self._queue))

    def _load_and_run(self) -> None:
        _step_back()
        try:
            classifier = self._load()
            classifier.classify(classifier.encode(["The first answer is the slowest."]), 1)
        except BaseException as error:
            self._loaded.set_exception(error)
            return
        gc.freeze()
        self._classifier = classifier
        for _ in range(classifier.threads - 1):
            threading.Thread(target=self._run, name="model", daemon=True).start()
        self._loaded.set_result(None)
        self._run()

    def _run(self) -> None:
        _step_back()
        while batch := self._next_batch():
            self._classify(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Wait until there is something to do, and take a batch off the queue; an empty one means the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            batch = [
                self._queue[index]
                for index in choose([len(one.encoding) for one in self._queue], self._budget)
            ]
            taken = set(batch)
            self._queue = [one for one in self._queue if one not in taken]
            QUEUED_TEXTS.set(len(self._queue))
            return batch

    def _classify(self, batch: list[_Waiting]) -> None:
        start = time.perf_counter()
        try:
            results = self._classifier.classify([one.encoding for one in batch], threads=1)
        except Exception as error:
            self._fail_alone(batch, error)
            return
        end = time.perf_counter()
        BATCH_TEXTS.observe(len(batch))
        MODEL_SECONDS.observe(end - start)
        self._seconds_per_text += 0.1 * (
            (end - start) / len(batch) / self._classifier.threads - self._seconds_per_text
        )
        self._hand_over(batch, [(result, (start, end)) for result in results])

    def _fail_alone(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) > 1:
            for one in batch:
                self._classify([one])
            return
        log.error("the model failed on a text of %d tokens", len(batch[0].encoding), exc_info=error)
        self._hand_over(batch, [_unreadable()])

    def _hand_over(self, batch: list[_Waiting], said: Sequence[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and so nobody waits
            self._loop.call_soon_threadsafe(_deliver, batch, said)


def _step_back() -> None:
    """Let other threads go before this one, and before those that torch starts from here."""
    if sys.platform == "linux":  # elsewhere it would be the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _deliver(batch: Sequence[_Waiting], said: Sequence[Any]) -> None:
    """Give each text what was said of it, in the event loop. Whoever has gone away meanwhile gets nothing."""
    for one, result in zip(batch, said, strict=True):
        if one.result.done():
            continue
        if isinstance(result, Exception):
            one.result.set_exception(result)
        else:
            one.result.set_result(result)


def _covered_s(batches: Iterable[tuple[float, float]]) -> float:
    """Return the seconds in which at least one of the batches ran, given start and end of each."""
    covered_s, until = 0.0, 0.0
    for start, end in sorted(batches):
        covered_s += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered_s


def _unreadable() -> Problem:
    detail = "The model fails on one of the texts; others are not affected. If it fails on every text, see the service's log."
    return Problem(422, "The model cannot read this text", detail)
