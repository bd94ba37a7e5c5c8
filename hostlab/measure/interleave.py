"""Run several generators, sequentially or concurrently, and pass on what they yield."""

import contextlib
import threading
from collections.abc import Generator, Sequence
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def run_sequentially(
    generators: Sequence[Generator[T, None, None]],
) -> Generator[tuple[int, T], None, None]:
    """Yield the number of the generator and what it yielded, one generator after the other."""
    for number, generator in enumerate(generators):
        with contextlib.closing(generator):
            for item in generator:
                yield number, item


def run_concurrently(
    generators: Sequence[Generator[T, None, None]], stopping: threading.Event
) -> Generator[tuple[int, T], None, None]:
    """Yield the same as it comes, with a thread for each generator. Raises what one of them raised.

    When the caller stops early, `stopping` is set, each generator is closed at its next yield, and
    the threads are waited for.
    """
    items: SimpleQueue[tuple[int, T | BaseException | None]] = SimpleQueue()

    def run(number: int) -> None:
        try:
            for item in generators[number]:
                items.put((number, item))
                if stopping.is_set():
                    generators[number].close()
        except BaseException as error:  # re-raised where the items are read
            items.put((number, error))
        finally:
            items.put((number, None))

    threads = [
        threading.Thread(target=run, args=(number,), daemon=True)
        for number in range(len(generators))
    ]
    for thread in threads:
        thread.start()
    try:
        unfinished = len(threads)
        while unfinished:
            number, item = items.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                unfinished -= 1
            else:
                yield number, item
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
