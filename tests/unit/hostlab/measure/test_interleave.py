"""Generators one after the other and beside each other: all is handed on, errors too, and who stops
leaves none of them unfinished.
"""

import threading
import time

import pytest

from hostlab.measure.interleave import run_concurrently, run_sequentially


def count(name: str, pause_s: float, closed: list[str], fails: bool = False):
    try:
        for number in range(3):
            time.sleep(pause_s)
            yield f"{name}{number}"
        if fails:
            raise ValueError(name)
    finally:
        closed.append(name)


def test_one_after_the_other():
    closed: list[str] = []
    assert list(run_sequentially([count("a", 0, closed), count("b", 0, closed)])) == [
        (0, "a0"),
        (0, "a1"),
        (0, "a2"),
        (1, "b0"),
        (1, "b1"),
        (1, "b2"),
    ]
    assert closed == ["a", "b"]


def test_run_concurrently_takes_as_long_as_the_slowest():
    closed: list[str] = []
    began = time.perf_counter()
    came = list(
        run_concurrently(
            [count("a", 0.2, closed), count("b", 0.2, closed), count("c", 0.01, closed)],
            threading.Event(),
        )
    )
    assert time.perf_counter() - began < 1.0, "one after the other they would take 1.2 s"
    assert sorted(came) == sorted(
        (number, f"{name}{turn}") for number, name in enumerate("abc") for turn in range(3)
    )
    assert [one for one in came if one[0] == 2] == came[:3], "what is there is not held back"


def test_an_error_ends_it_and_the_others_are_closed():
    closed: list[str] = []
    with pytest.raises(ValueError, match="a"):
        list(
            run_concurrently(
                [count("a", 0, closed, fails=True), count("b", 0.1, closed)], threading.Event()
            )
        )
    assert sorted(closed) == ["a", "b"]


def test_who_stops_in_the_middle_waits_until_all_are_closed():
    closed: list[str] = []
    stopping = threading.Event()
    running = run_concurrently([count("a", 0.05, closed), count("b", 0.3, closed)], stopping)
    next(running)
    running.close()
    assert stopping.is_set() and sorted(closed) == ["a", "b"]
