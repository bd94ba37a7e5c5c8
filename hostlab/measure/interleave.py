"""Run several generators, one after the other, or beside each other with a thread for each, and
hand on what they yield as it comes.
"""

import contextlib
import threading
from collections.abc import Generator, Sequence
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def after_each_other(
    generators: Sequence[Generator[T, None, None]],
) -> Generator[tuple[int, T], None, None]:
    """Yield (number of the generator, what it yielded)."""
    for number, generator in enumerate(generators):
        with contextlib.closing(generator):
            for item in generator:
                yield number, item


def beside_each_other(
    generators: Sequence[Generator[T, None, None]], stopping: threading.Event
) -> Generator[tuple[int, T], None, None]:
    """Yield the same, as it comes, until all have ended. Raises what one of them raised.

    Whoever stops in the middle sets `stopping`: each generator is closed where it yields next, and
    this waits for that.
    """
    came: SimpleQueue[tuple[int, T | BaseException | None]] = SimpleQueue()

    def run(number: int) -> None:
        try:
            for item in generators[number]:
                came.put((number, item))
                if stopping.is_set():
                    generators[number].close()
        except BaseException as error:  # it belongs to whoever reads
            came.put((number, error))
        finally:
            came.put((number, None))

    threads = [
        threading.Thread(target=run, args=(number,), daemon=True)
        for number in range(len(generators))
    ]
    for thread in threads:
        thread.start()
    try:
        at_work = len(threads)
        while at_work:
            number, item = came.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                at_work -= 1
            else:
                yield number, item
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
