"""The figures of autoscaling from samples, and what is said where there is nothing to measure.

The rest is measured for real in tests/kubernetes/test_autoscaling.py.
"""

from types import SimpleNamespace

from hostlab.errors import NoMetrics
from hostlab.measure.load.generator import Sample
from hostlab.measure.parts.autoscaling import first_answer_s, measure_autoscaling
from hostlab.measure.report.resilience_tables import scalability
from hostlab.measure.steps import finish


def sample(due_s: float, replica: str | None, status: int | None = 200) -> Sample:
    return Sample(due_s, 0.0, latency_ms=100.0, status=status, replica=replica)


def test_the_second_replicas_first_prediction_counts_and_not_its_errors():
    samples = [sample(3.0, "b"), sample(1.0, "a"), sample(2.0, "b", status=503), sample(1.5, None)]
    assert first_answer_s(samples, 1) == 3.1
    assert first_answer_s(samples[1:], 1) is None
    assert first_answer_s([*samples, sample(5.0, "c")], 2) == 5.1


def test_where_there_is_no_metrics_server_the_row_and_the_table_say_so():
    class NoMetricsServer:
        method = "kubernetes"
        told: list[int]

        def components(self) -> list[SimpleNamespace]:
            return [SimpleNamespace(role=role) for role in ("model", "model", "api")]

        def scale(self, replicas: int) -> None:
            self.told.append(replicas)

        def autoscale(self, **options: int) -> None:
            raise NoMetrics("The cluster has no metrics server.", "")

        def autoscale_off(self) -> None:
            """Nothing is on."""

    service = NoMetricsServer()
    service.told = []
    row = finish(measure_autoscaling(service))
    assert row.error == "The cluster has no metrics server."
    assert service.told == [1, 2], "two ran before, and two run after"
    result = {"rows": [], "bound": "", "needed": [], "cores": 2, "autoscaling": [vars(row)]}
    table = scalability(result)[-1]
    assert row.error in table.rows[0] and table.title == "Autoscaling"
