"""The scalability part on a service that scales for real: as many servers, with a known delay, as
it is told.
"""

import contextlib
from types import SimpleNamespace

import pytest

from hostlab import get
from hostlab.errors import BadInput
from hostlab.measure.parts import scalability
from hostlab.measure.parts.scalability import measure_scalability
from hostlab.measure.steps import finish
from tests.measure.load.servers import Known, at_a_quiet_moment, known_delay


class Scaled(Known):
    """A server that answers the faster the more replicas it is told to be: a faster one takes its
    place.
    """

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.stack, self.told = stack, []
        self.servers = {
            count: stack.enter_context(known_delay(delay_ms=120 / count))
            for count in scalability.REPLICAS
        }
        super().__init__("scaled", self.servers[2].url)

    def scale(self, replicas: int) -> None:
        self.told.append(replicas)
        self.url = self.servers[replicas].url

    def components(self) -> list:
        common = {"kind": "process", "state": "running", "cpu_s": None, "memory_bytes": None}
        roles = {"model-1": "model", "model-2": "model", "api-1": "api"}
        return [SimpleNamespace(name=name, role=role, **common) for name, role in roles.items()]


@at_a_quiet_moment
def test_linear_growth_is_seen_and_the_number_is_put_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scalability, "best_users", lambda url: 4)
    monkeypatch.setattr(scalability, "RATES_PER_S", (10,))
    with contextlib.ExitStack() as stack:
        service = Scaled(stack)
        result = finish(measure_scalability([service], seconds=1.0, repeats=1))
    assert [row.replicas for row in result.rows] == [1, 2, 3]
    assert all(row.efficiency == pytest.approx(1.0, abs=0.2) for row in result.rows)
    assert service.told == [1, 1, 2, 3, 2], "two ran before, and two run after"
    assert [(one.rate_per_s, one.replicas) for one in result.needed] == [(10, 1)]
    for row in result.rows:
        for check in row.checks:
            assert check.p95_ms.value >= 120 / row.replicas
            assert check.simulated_p95_ms == pytest.approx(check.p95_ms.value, rel=0.2), (
                "nobody queues here, so there is little to get wrong"
            )


def test_who_has_one_copy_says_so():
    class One(Known):
        def components(self) -> list:
            return []

        def scale(self, replicas: int) -> None:
            raise BadInput("one copy of its model")

    result = finish(
        measure_scalability([One("one", "http://127.0.0.1:9"), get("separate-process")])
    )
    assert "one copy" in result.rows[0].error and "does not run" in result.rows[1].error
    assert not result.rows[0].has_replicas
