"""The queue of texts that wait for the model: bounded, and safe to use from several threads."""

import asyncio
import threading
from collections.abc import Sized
from dataclasses import dataclass
from typing import Generic, TypeVar

from deployments.services.batch_metrics import QUEUE_LIMIT_TEXTS, QUEUED_TEXTS
from deployments.services.batch_selection import select_batch
from deployments.services.problems import Problem

Result = TypeVar("Result")
Encoding = Sized  # the tokens of one text
Interval = tuple[float, float]  # start and end of a batch, in seconds of time.perf_counter()


@dataclass(eq=False)
class QueuedText(Generic[Result]):
    """One text in the queue. `result` also tells when its batch ran."""

    encoding: Encoding
    result: asyncio.Future[tuple[Result, Interval]]


class BatchQueue(Generic[Result]):
    """Texts in the order of their arrival, at most `limit` of them.

    `token_budget` limits the size of a batch in tokens, padding included.
    """

    def __init__(self, limit: int, token_budget: int) -> None:
        self._limit, self._token_budget = limit, token_budget
        self._texts: list[QueuedText[Result]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._seconds_per_text = 0.02  # a running average
        QUEUE_LIMIT_TEXTS.set(limit)

    def __len__(self) -> int:
        return len(self._texts)

    def reject_if_full(self, texts: int) -> None:
        """Raise Problem 503 if there is no room for this number of texts."""
        waiting = len(self._texts)
        if waiting + texts > self._limit:
            retry_after_s = max(1, round(waiting * self._seconds_per_text))
            detail = (
                f"{waiting} of at most {self._limit} texts are waiting. "
                f"Try again in {retry_after_s} s, with fewer texts at a time."
            )
            raise Problem(503, "The queue is full", detail, retry_after_s=retry_after_s)

    def put(self, texts: list[QueuedText[Result]]) -> None:
        """Add the texts of one request. Raises Problem 503 if there is no room for all of them."""
        with self._changed:
            self.reject_if_full(len(texts))
            self._replace(self._texts + texts)
            self._changed.notify(len(texts))

    def remove(self, texts: list[QueuedText[Result]]) -> None:
        """Remove those of `texts` that are still waiting."""
        removed = set(texts)
        with self._changed:
            self._replace([text for text in self._texts if text not in removed])

    def next_batch(self) -> list[QueuedText[Result]]:
        """Wait for texts, and remove a batch from the queue. Empty once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._texts or self._closed)
            lengths = [len(text.encoding) for text in self._texts]
            batch = [self._texts[index] for index in select_batch(lengths, self._token_budget)]
            taken = set(batch)
            self._replace([text for text in self._texts if text not in taken])
            return batch

    def record_speed(self, seconds_per_text: float) -> None:
        """Use the speed of a finished batch to estimate Retry-After."""
        self._seconds_per_text += 0.1 * (seconds_per_text - self._seconds_per_text)

    def close(self) -> None:
        """End the threads that wait for a batch."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _replace(self, texts: list[QueuedText[Result]]) -> None:
        self._texts = texts
        QUEUED_TEXTS.set(len(texts))
