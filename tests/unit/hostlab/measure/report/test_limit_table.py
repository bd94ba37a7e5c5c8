"""What `hostlab measure limit` prints."""

from dataclasses import asdict

import pytest

from hostlab.measure.limit.measure import LimitResult, LimitRow
from hostlab.measure.limit.plan import Bound, LimitPlan
from hostlab.measure.report.limit_table import limit, sentence

PLAN = LimitPlan(Bound(99, 50, 0.5))
BOUND = "(p99 is at most 50 ms and at most 0.5 % of requests are lost)"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            LimitRow("docker", 190, 198, 47.0, ending="found"),
            f"docker: 190 requests a second held, 198 did not {BOUND}.",
        ),
        (
            LimitRow("docker", 190, ending="budget"),
            f"docker: 190 requests a second held {BOUND}. "
            "The time was up before the search was finished.",
        ),
        (
            LimitRow("docker", 2000, ending="highest"),
            f"docker: 2000 requests a second held {BOUND}. "
            "The load generator sends no more than that.",
        ),
        (
            LimitRow("docker", None, 1, ending="lowest"),
            f"docker: Not even 1 a second held {BOUND}.",
        ),
        (
            LimitRow("docker", ending="failed", error="It does not run."),
            "docker: Nothing was found. The search ended with an error: It does not run.",
        ),
        (
            LimitRow("docker", 40, 80, generator_bound=True),
            f"docker: 40 requests a second held, 80 did not {BOUND}. The load generator was at its "
            "own limit, so the service may do more. The search was stopped.",
        ),
    ],
    ids=["found", "budget", "highest", "lowest", "failed", "stopped"],
)
def test_the_result_is_a_sentence(row: LimitRow, expected: str) -> None:
    assert sentence(asdict(row), asdict(PLAN)) == expected


def test_several_methods_are_a_table_in_which_an_error_has_a_place() -> None:
    found = LimitRow("docker", 190, 198, 47.0, ending="found")
    failed = LimitRow("api", ending="failed", error="It does not run.")
    table = limit(asdict(LimitResult(PLAN, [found, failed])))
    assert table.rows == [
        ["docker", "190", "198", "47.0", "0"],
        ["api", "It does not run.", "–", "–", "0"],
    ]
    assert table.columns[3] == "p99 ms there"
