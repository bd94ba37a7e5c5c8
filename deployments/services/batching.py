"""Dynamic batching: texts that wait at the same time go through the model together.

A model processes eight short texts in much less than eight times the time of one. While it
computes, new texts wait in a queue, and the next batch is formed from them:

- An idle model starts at once. It does not wait for more texts.
- A batch consists of the text that has waited longest and the texts nearest to it in length.
- A budget of tokens, padding included, limits the batch, not a number of texts: otherwise, a batch
  of long texts would delay everyone.
- The queue is bounded. If it is full, a request is rejected at once instead of answered too late.

Each core that the model may use has a thread, and each thread runs one batch on one core. Two
batches side by side take less time than two in a row on both cores, because the cores do not wait
for each other.

The event loop of the HTTP server has to stay responsive while the model computes:

- It is woken once per batch. Each time it wakes up, it takes Python's global lock, and a batch that
  ends at that moment has to wait for the lock.
- When the model is loaded, the garbage collector is told to skip all existing objects. Otherwise,
  it sometimes stops everything for 0.2 s while it walks through those of all libraries.
- On Linux, the model's threads have a lower priority (`nice`) than the event loop.
"""

import asyncio
import contextlib
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Generic

from deployments.services import server_timing
from deployments.services.batch_classifier import BatchClassifier
from deployments.services.batch_metrics import BATCH_SECONDS, BATCH_TEXTS
from deployments.services.batch_queue import BatchQueue, Encoding, Interval, QueuedText, Result
from deployments.services.contract import PredictorResult
from deployments.services.logs import log
from deployments.services.prediction import Prediction
from deployments.services.problems import Problem

# On one core, a larger batch gains nothing with ONNX Runtime (`python -m benchmarks.calibrate`)
# and leaves less for the other cores. With 128, torch would answer 0.87 times as many texts.
TOKEN_BUDGET = 256
NICE = 10  # the priority of the model's threads: 0 is normal, 19 is the lowest
ENCODE_IN_LOOP_CHARACTERS = 2000  # takes a fraction of a millisecond, less than a thread costs


class BatchedModel(Generic[Result]):
    """A model behind a queue. It loads in a thread of its own, so that /health responds."""

    def __init__(
        self,
        load: Callable[[], BatchClassifier[Result]],
        queue_limit: int,
        token_budget: int = TOKEN_BUDGET,
    ) -> None:
        self._load = load
        self._queue: BatchQueue[Result] = BatchQueue(queue_limit, token_budget)
        self._classifier: BatchClassifier[Result] | None = None
        self._loaded: Future[None] = Future()

    @property
    def model(self) -> str | None:
        """The name of the model; None while it loads."""
        return self._classifier.name if self._classifier else None

    @property
    def engine(self) -> str | None:
        """What runs the network; None while it loads."""
        return self._classifier.engine if self._classifier else None

    @property
    def engine_note(self) -> str | None:
        """What /health reports about the engine; None if there is nothing to say."""
        return self._classifier.engine_note if self._classifier else None

    async def start(self) -> None:
        """Load the model and run it once. Raises the exception of `load`."""
        self._loop = asyncio.get_running_loop()
        # A service that stops while its model loads cancels what waits for the model, not the load.
        self._loaded.set_running_or_notify_cancel()
        threading.Thread(target=self._load_and_run, name="model", daemon=True).start()
        await asyncio.wrap_future(self._loaded)

    async def check(self) -> None:
        """Raise Problem 503 unless the model is loaded."""
        self._get_classifier()

    def reject_if_full(self) -> None:
        """Raise Problem 503 if there is no room in the queue for one text."""
        self._queue.reject_if_full(1)

    async def predict(
        self: "BatchedModel[tuple[str, float]]", texts: list[str], request_id: str
    ) -> PredictorResult:
        """Return a prediction for each text. Raises the problems of `run`."""
        results, timing_ms = await self.run(texts)
        predictions = [Prediction(label, score) for label, score in results]
        return PredictorResult(predictions, timing_ms)

    async def run(self, texts: list[str]) -> tuple[list[Result], dict[str, float]]:
        """Return the classifier's result for each text, and the milliseconds in queue and model.

        If the caller is canceled, its waiting texts leave the queue.

        Raises:
            Problem: 503 if the queue is full; 422 if the model fails on one of the texts.
        """
        classifier = self._get_classifier()
        self._queue.reject_if_full(len(texts))  # before any work for these texts
        encodings = await _encode(classifier, texts)
        queued = [QueuedText(encoding, self._loop.create_future()) for encoding in encodings]
        arrived = time.perf_counter()
        self._queue.put(queued)
        try:
            done = await asyncio.gather(*(text.result for text in queued))
        except BaseException:
            self._queue.remove(queued)
            raise
        model_s = _union_s({interval for _, interval in done})
        total_s = max(end for _, (_, end) in done) - arrived
        timing_ms = {
            server_timing.QUEUE: max(0.0, total_s - model_s) * 1000,
            server_timing.MODEL: model_s * 1000,
        }
        return [result for result, _ in done], timing_ms

    async def close(self) -> None:
        """End the model's threads."""
        self._queue.close()

    def _get_classifier(self) -> BatchClassifier[Result]:
        if self._classifier is None:
            detail = "The model is still loading. Try again in a second."
            raise Problem(503, "Not ready", detail, retry_after_s=1)
        return self._classifier

    def _load_and_run(self) -> None:
        _lower_priority()
        try:
            classifier = self._load()
            warm_up = classifier.encode(["The first prediction is the slowest."])
            if all(map(len, warm_up)):  # a tokenizer for another script may know nothing of it
                classifier.classify(warm_up)
        except BaseException as error:
            self._loaded.set_exception(error)
            return
        gc.freeze()
        self._classifier = classifier
        for _ in range(classifier.threads - 1):
            threading.Thread(
                target=self._run, args=(classifier,), name="model", daemon=True
            ).start()
        self._loaded.set_result(None)
        self._run(classifier)

    def _run(self, classifier: BatchClassifier[Result]) -> None:
        """Classify one batch after the other until the queue is closed."""
        _lower_priority()
        while batch := self._queue.next_batch():
            self._classify(classifier, batch)

    def _classify(
        self, classifier: BatchClassifier[Result], batch: list[QueuedText[Result]]
    ) -> None:
        start = time.perf_counter()
        try:
            results = classifier.classify([text.encoding for text in batch])
        except Exception as error:
            self._handle_failure(classifier, batch, error)
            return
        end = time.perf_counter()
        BATCH_TEXTS.observe(len(batch))
        BATCH_SECONDS.observe(end - start)
        self._queue.record_speed((end - start) / len(batch) / classifier.threads)
        self._deliver(batch, [(result, (start, end)) for result in results])

    def _handle_failure(
        self,
        classifier: BatchClassifier[Result],
        batch: list[QueuedText[Result]],
        error: Exception,
    ) -> None:
        """Run the texts of a failed batch one by one, so that only the cause of it fails."""
        if len(batch) > 1:
            for text in batch:
                self._classify(classifier, [text])
            return
        log.error("the model failed on a text of %d tokens", len(batch[0].encoding), exc_info=error)
        self._deliver(batch, [_unreadable()])

    def _deliver(
        self,
        batch: Sequence[QueuedText[Result]],
        outcomes: Sequence[tuple[Result, Interval] | Problem],
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is waiting
            self._loop.call_soon_threadsafe(_set_results, batch, outcomes)


def _lower_priority() -> None:
    """Lower the priority of this thread, and of those that torch starts from it."""
    if sys.platform == "linux":  # elsewhere, this would affect the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


async def _encode(classifier: BatchClassifier[Result], texts: list[str]) -> Sequence[Encoding]:
    try:
        if sum(map(len, texts)) < ENCODE_IN_LOOP_CHARACTERS:
            return classifier.encode(texts)
        return await asyncio.to_thread(classifier.encode, texts)
    except Exception as error:
        log.error("the tokenizer failed", exc_info=error)
        raise _unreadable() from error


def _set_results(
    batch: Sequence[QueuedText[Result]], outcomes: Sequence[tuple[Result, Interval] | Problem]
) -> None:
    """Set the result of each text, in the event loop. Canceled requests get nothing."""
    for text, outcome in zip(batch, outcomes, strict=True):
        if text.result.done():
            continue
        if isinstance(outcome, Problem):
            text.result.set_exception(outcome)
        else:
            text.result.set_result(outcome)


def _union_s(intervals: Iterable[Interval]) -> float:
    """Return the seconds in which at least one of the intervals was running."""
    covered_s, until = 0.0, 0.0
    for start, end in sorted(intervals):
        covered_s += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered_s


def _unreadable() -> Problem:
    detail = (
        "The model fails on one of the texts; the others are not affected. "
        "If it fails on every text, see the log of the service."
    )
    return Problem(422, "The model cannot read this text", detail)
