"""Which rate comes next, for trials that are given."""

from collections.abc import Callable

import pytest

from hostlab.measure.limit.search import LimitSearch, RateTrial


def trial(rate_per_s: float, strain: float) -> RateTrial:
    return RateTrial(rate_per_s, 0.0, 3.0, 100, 0, 100 * strain, strain)


def run(strain_of: Callable[[float], float], start_per_s: float = 20.0) -> list[float]:
    """Search to the end, and return the rates in their order."""
    search, rates = LimitSearch(start_per_s, 0.05), []
    while (rate := search.next_rate()) is not None:
        rates.append(rate)
        search.add(trial(rate, strain_of(rate)))
        assert len(rates) < 60, "it does not end"
    return rates


def cliff(limit_per_s: float) -> Callable[[float], float]:
    """A bound that is far from broken up to a rate, and far beyond it above."""
    return lambda rate: 0.1 if rate <= limit_per_s else 10.0


def test_rates_are_doubled_and_then_the_interval_is_halved() -> None:
    rates = run(cliff(130))
    assert rates[:4] == [20, 40, 80, 160]
    assert rates[4] == 113, "the middle of 80 and 160, by ratio"
    assert rates[-2:] == [134, 128] and set(rates[-2:]) <= set(rates[:-2]), "both ends again"


@pytest.mark.parametrize("limit_per_s", [1.5, 7, 20, 99, 333, 1500])
def test_the_interval_holds_the_limit_and_is_narrow(limit_per_s: float) -> None:
    search = LimitSearch(20.0, 0.05)
    while (rate := search.next_rate()) is not None:
        search.add(trial(rate, cliff(limit_per_s)(rate)))
    assert search.held_per_s <= limit_per_s < search.broke_per_s <= 1.05 * search.held_per_s


def test_a_trial_near_the_bound_is_repeated_and_two_of_three_decide() -> None:
    search = LimitSearch(20.0, 0.05)
    for strain in (0.9, 1.1):
        assert search.next_rate() == 20
        search.add(trial(20, strain))
        assert search.held_per_s is None and search.broke_per_s is None
    search.add(trial(20, 0.8))
    assert search.held_per_s == 20 and search.next_rate() == 40


def test_an_end_that_one_trial_decided_is_corrected() -> None:
    search = LimitSearch(20.0, 0.05)
    for rate, strain in ((20, 0.1), (40, 9.0)):
        search.add(trial(rate, strain))
    while (rate := search.next_rate()) != 40:
        search.add(trial(rate, 0.1))
    for _ in range(2):
        assert search.next_rate() == 40
        search.add(trial(40, 0.1))
    assert search.held_per_s == 40 and search.broke_per_s is None and search.next_rate() == 80


def test_a_noisy_rate_below_the_others_bounds_the_interval() -> None:
    search = LimitSearch(20.0, 0.05)
    for rate, strain in ((20, 0.1), (40, 0.1), (80, 9.0), (40, 9.0), (40, 9.0)):
        search.add(trial(rate, strain))
    assert (search.held_per_s, search.broke_per_s) == (20, 40)


def test_no_rate_holds_and_every_rate_holds() -> None:
    assert run(lambda rate: 9.0) == [20, 10, 5, 2.5, 1.25, 1, 1]
    assert run(lambda rate: 0.1)[-3:] == [1280, 2000, 2000]
