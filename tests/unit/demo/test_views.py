import re

from demo.board import Card
from demo.component_monitor import ComponentUsage
from demo.jobs import JobFailure, MethodJob, StartTiming
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.view import results
from demo.tabs.services.tab import available_actions
from demo.tabs.services.view import card
from demo.templating import problem
from demo.texts import texts_in
from hostlab.client import Timing
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.types import Component, Status

EN = texts_in("en")
PARTS = Timing(1.0, 0.5, 8.5, 0.0)


def row(method="in-process", label="POSITIVE", score=0.9, timing=PARTS, measured=2, error=None):
    answer = MeasuredPrediction(
        method, "a text", label, score, 10.0, timing, None if measured else error
    )
    return MethodRow(
        method,
        [answer],
        [MeasuredPrediction(method, "a text", label, score, 10.0, timing)] * measured,
        error,
    )


def cells(page):
    return re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)


def test_whatever_comes_from_outside_is_escaped():
    evil = "<script>alert(1)</script>"
    shown = results(
        Comparison(
            [evil], 2, [row(label=evil), row("docker", evil, measured=0, error=evil)], "done"
        ),
        EN,
    )
    shown += card(
        Card("api", Status("api", "failed", reason=evil), failure=JobFailure(evil, evil)), EN
    ) + problem(evil)
    assert "<script" not in shown
    assert "&lt;script" in shown


def test_a_row_holds_its_figures_and_the_way_they_were_taken():
    page = results(Comparison(["a text"], 2, [row()], "done"), EN)
    assert cells(page)[:8] == [
        "<b>POSITIVE</b>",
        "0.9000",
        "10.0",
        "10.0",
        "1.0",
        "0.50",
        "8.5",
        "0",
    ]
    assert page.count(f"({EN('table.at_once_short')})") == 3
    assert page.count(f"({EN('table.in_turn_short')})") == 5


def test_bars_are_as_long_as_their_parts():
    page = results(
        Comparison(
            ["a text"], 2, [row(), row("docker", timing=Timing(6.0, 0.0, 14.0, 0.0))], "done"
        ),
        EN,
    )
    # Both have a mean of 10 ms; a part of no length is not drawn.
    assert re.findall(r"--share:([\d.]+)", page) == [
        "0.1000",
        "0.0500",
        "0.8500",
        "0.6000",
        "1.4000",
    ]


def test_a_service_that_reports_no_parts_gets_one_bar():
    page = results(
        Comparison(["a text"], 2, [row(timing=Timing(None, None, None, None))], "done"), EN
    )
    assert re.findall(r"--share:([\d.]+)", page) == ["1.0000"]
    assert EN("part.unknown_means") in page
    assert cells(page)[4:8] == ["–"] * 4


def test_a_failure_fills_its_own_row_only():
    page = results(
        Comparison(
            ["a text"],
            2,
            [row(), row("docker", None, None, None, 0, "Too late: no answer.")],
            "done",
        ),
        EN,
    )
    assert "✕ Too late: no answer." in page
    assert "0.9000" in page
    later = results(Comparison(["a text"], 9, [row(error="Too late: no answer.")], "done"), EN)
    assert "Failed after 2 measured requests: Too late: no answer." in later
    paid = MethodRow(
        "api", [MeasuredPrediction("api", "a text", "joy", 0.9, 10.0)], [], "It is paid for."
    )
    unmeasured = results(Comparison(["a text"], 9, [paid], "done"), EN)
    assert "Not measured: It is paid for." in unmeasured
    assert "<b>joy</b>" in unmeasured


def test_a_card_shows_what_is_going_on():
    running = Status("docker", "running", "http://127.0.0.1:1234", 1_700_000_000.0, "abc")
    assert "http://127.0.0.1:1234" in card(Card("docker", running), EN)
    assert EN("services.by_hand") not in card(Card("docker", running), EN)
    assert EN("services.by_hand") in card(
        Card("docker", Status("docker", "running", "http://127.0.0.1:1234")), EN
    )
    assert "<code>docker info</code>" in card(
        Card("docker", Status("docker", "unavailable", reason="Try `docker info`.")), EN
    )
    failed = card(
        Card(
            "docker", Status("docker", "stopped"), failure=JobFailure("It died.", "the last line")
        ),
        EN,
    )
    assert "It died." in failed
    assert "the last line" in failed


def test_cold_first_and_warm_requests_are_separate():
    measured = row()
    measured.start = StartTiming("a run", 4321.0, 87.0)
    page = results(Comparison(["a text"], 2, [measured, row("docker")], "done"), EN)
    table = page[page.index("hl-spread") :]
    assert cells(table)[:5] == ["4321", "87.0", "10.0", "10.0", "10.0"]
    assert cells(table)[6:8] == ["–", "–"], "docker was not started from here"
    assert table.count("<circle") == 4
    assert "2 requests: 10.0 to 10.0 ms, median 10.0 ms" in table


def test_texts_on_which_they_disagree_are_marked():
    one, two = row(), row("docker")
    one.predictions = [
        MeasuredPrediction("in-process", text, "POSITIVE", 0.9, 10.0) for text in "ab"
    ]
    two.predictions = [
        MeasuredPrediction("docker", "a", "POSITIVE", 0.9, 10.0),
        MeasuredPrediction("docker", "b", "NEGATIVE", 0.6, 10.0),
    ]
    page = results(Comparison(["a", "b"], 2, [one, two], "done"), EN)
    assert "The methods agree on 1 of 2 texts (50%). Scores differ by at most 0.3000." in page
    assert re.findall(r'<tr data-agree="(\w+)"><th scope="row">(.*?)</th>', page) == [
        ("true", "a"),
        ("false", "≠ b"),
    ]
    assert "2 × POSITIVE" in page
    assert "1 × POSITIVE, 1 × NEGATIVE" in page


def test_a_card_lists_its_parts_and_offers_what_makes_sense():
    status = Status("docker", "running", "http://127.0.0.1:1234", 1_700_000_000.0, "abc")
    components = tuple(
        ComponentUsage(
            Component(
                f"model-service-{number}",
                "container",
                "model",
                "0123",
                "running",
                1.7e9,
                3.0,
                2**29,
                number,
            ),
            12.4,
        )
        for number in (1, 2)
    )
    page = card(Card("docker", status, components=components), EN)
    assert cells(page)[2:5] == ["12 %", "512 MiB", "1"]
    assert "docker compose -f deployments/docker/docker-compose.yml up" in page
    assert available_actions(Card("docker", status, components=components)) == {
        "stop",
        "kill",
        "more",
        "fewer",
    }
    assert available_actions(Card("docker", status, components=components[:1])) == {
        "stop",
        "kill",
        "more",
    }
    assert available_actions(
        Card("in-process", Status("in-process", "running"), components=components)
    ) == {
        "stop",
        "kill",
    }
    assert (
        available_actions(
            Card("docker", status, MethodJob("scaling", replicas=2), components=components)
        )
        == set()
    )
    scaling = card(Card("docker", status, MethodJob("scaling", replicas=2)), EN)
    assert 'data-state="running"' in scaling, "it answers meanwhile"
    assert "number of replicas to 2" in scaling
    assert available_actions(Card("api", Status("api", "failed"))) == {"start", "stop"}
    assert available_actions(Card("api", Status("api", "unavailable"))) == set()
