import pytest

from demo.formatting import milliseconds, score
from demo.tabs.compare.figures import summarize
from demo.texts import texts_in
from hostlab.client import Timing
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.measure.statistics import quantile


def answer(latency_ms, timing_ms):
    return MeasuredPrediction("in-process", "a text", "POSITIVE", 0.9, latency_ms, timing_ms)


def test_percentiles_lie_where_they_should():
    values = [float(value) for value in range(101)]
    assert quantile(values, 50) == 50
    assert quantile(values, 95) == 95
    assert quantile([3.0], 95) == 3.0
    assert quantile([1.0, 2.0], 50) == 1.5
    assert quantile(values[::-1], 95) == 95, "the order in which they were measured does not count"


def test_the_parts_sum_to_the_mean():
    summary = summarize(
        [answer(10.0, Timing(2.0, 1.0, 7.0, 0.0)), answer(20.0, Timing(5.0, 0.0, 15.0, 0.0))]
    )
    parts = summary.parts_ms
    assert summary.count == 2
    assert summary.mean_ms == 15.0
    assert parts.hop + parts.queue + parts.model + parts.upstream == pytest.approx(summary.mean_ms)


def test_a_part_that_one_prediction_lacks_is_unknown():
    summary = summarize(
        [
            answer(10.0, Timing(2.0, 1.0, 7.0, 0.0)),
            answer(10.0, Timing(None, None, None, None)),
            answer(10.0, None),
        ]
    )
    assert summary.mean_ms == 10.0
    assert summary.parts_ms == Timing(None, None, None, None)


def test_failures_are_no_figures():
    assert summarize([]) is None
    assert summarize([MeasuredPrediction("api", "a text", error="Too late")]) is None
    assert (
        summarize([MeasuredPrediction("api", "a text", error="Too late"), answer(10.0, None)]).count
        == 1
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "–"), (0.0, "0"), (0.123, "0.12"), (1.0, "1.0"), (99.94, "99.9"), (1234.5, "1234")],
)
def test_milliseconds_are_written_as_people_read_them(value, written):
    assert milliseconds(value, texts_in("en")) == written


def test_a_score_has_four_decimals_or_a_dash():
    assert score(0.99975, texts_in("en")) == "0.9998"
    assert score(0.99975, texts_in("ru")) == "0,9998"
    assert score(None, texts_in("en")) == "–"
