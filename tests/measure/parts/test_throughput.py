"""The throughput part against servers that are known: what bounds them is what is reported."""

from statistics import median
from types import SimpleNamespace

import pytest

from hostlab import get
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts import throughput
from hostlab.measure.steps import finish
from hostlab.measure.usage import Usage, current
from tests.measure.load.servers import Known, at_a_quiet_moment, known_delay


class Watched(Known):
    """A known server whose parts nobody can tell."""

    def components(self) -> list:
        return [SimpleNamespace(kind="process", state="running", cpu_s=None, memory_bytes=None)]


@at_a_quiet_moment
def test_a_server_bounded_by_its_delay_does_users_over_delay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(throughput, "USERS", (4, 8))
    with known_delay(delay_ms=40) as server:
        result = finish(
            throughput.measure_throughput(
                [Watched("known", server.url), Known("absent", "", "stopped")],
                seconds=1.2,
                repeats=2,
            )
        )
    known, absent = result.rows
    assert known.users == 8, "twice the users bring twice the rate here"
    assert (
        known.per_s.value == pytest.approx(8 / 0.041, rel=0.1)
        and known.per_s.interval == "t"
        and not known.per_s.note
    )
    assert known.cpu_s_per_1000 is None and known.peak_memory_mb is None, (
        "what is not known is not made up"
    )
    for point, load in zip(known.open_loop, (0.5, 0.7), strict=True):
        assert point.share_of_maximum == load and point.lost == 0 and point.sent > 50
        assert 40 <= point.p50_ms.value < 60
    assert "does not run" in absent.error and absent.per_s is None


@pytest.mark.parametrize(
    ("per_s", "generator_cpu", "bounded"),
    [(500.0, 0.3, False), (850.0, 0.3, True), (500.0, 0.95, True)],
    ids=["neither", "near its limit", "no CPU left"],
)
def test_what_the_generator_bounds_is_marked(per_s: float, generator_cpu: float, bounded: bool):
    row = throughput.ThroughputRow("known")
    throughput.fill(
        row, [throughput.Round(per_s, None, None, 0, generator_cpu)] * 2, limit_per_s=1000.0
    )
    assert row.per_s.note == (throughput.GENERATOR_NOTE if bounded else "")


def test_the_generators_limit_is_measured():
    with known_delay(delay_ms=40) as slow:
        bounded = throughput.rate(
            throughput.run(throughput.ClosedLoad(slow.url, users=4), 1.0).samples, 1.0
        )
    assert median(throughput.generator_limit()) > bounded


def test_lateness_of_the_generator_marks_an_open_loop():
    prompt = [Sample(number / 100, 0.1, 10.0, 200) for number in range(200)]
    late = [Sample(number / 100, 5.0, 10.0, 200) for number in range(200)]
    assert throughput.point_of(prompt, 100, 0.5).p95_ms.note == ""
    assert throughput.point_of(late, 100, 0.5).p95_ms.note == throughput.GENERATOR_NOTE


def test_the_warm_up_is_left_out_of_the_rate_and_the_lost_are_not_counted():
    samples = [Sample(number / 100, 0.0, 1.0, 200 if number % 2 else 503) for number in range(200)]
    assert throughput.rate(samples, 2.0) == pytest.approx(50, rel=0.02)


def test_usage_of_a_real_service():
    with get("in-process").start() as service:
        assert current(service)[1] > 50e6, "a process that holds a model"
        with Usage(service) as usage:
            for _ in range(5):
                service.predict(["a text of some length, to make work"] * 32)
        assert 0 < usage.cpu_s < 60 and usage.peak_bytes > 50e6
