"""All five methods at once, started once for this file.

On the command line they agree. On the page they have one label, are no slower together than the
slowest one, and show the figures that were measured in turn. Nothing is left when they stop.
"""

import json
import os
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from demo.formatting import milliseconds
from demo.texts import texts_in
from hostlab import METHODS, get
from hostlab.measure.statistics import quantile
from hostlab.registry import statuses
from tests.browser.conftest import visit
from tests.browser.steps import ask, cells, done, open_tab
from tests.open_demo import Demo, open_demo
from tests.programs import hostlab

pytestmark = [pytest.mark.docker, pytest.mark.kubernetes]
MARGIN_MS = 100  # what asking all at once may cost over the slowest answer of the same question
ASKED = 3
SCALER_MS = 60_000  # until the cluster has the autoscaler, or has it no more


def output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.split()


@pytest.fixture(scope="module")
def all_five() -> Iterator[None]:
    if taken := [status.method for status in statuses() if status.state != "stopped"]:
        in_use = ", ".join(taken)
        why = f"this test starts and stops all methods, and {in_use} is in use on this machine"
        pytest.fail(why) if os.environ.get("HOSTLAB_REQUIRE") else pytest.skip(why)
    try:
        up = hostlab("up", "--all")
        assert up.returncode == 0, up.stderr
        yield
    finally:
        hostlab("down", "--all")


@pytest.fixture(scope="module")
def demo(all_five) -> Iterator[Demo]:
    shared = {
        name: os.environ.get(name, "") for name in ("DOCKER_HOST", "KUBECONFIG")
    }  # empty: the usual ones
    with open_demo(**shared) as demo:
        yield demo


def test_by_the_command_line_they_agree(all_five):
    assert [one["state"] for one in json.loads(hostlab("status", "--json").stdout)] == [
        "running"
    ] * 5
    for text, label in (
        ("An utterly charming film.", "POSITIVE"),
        ("I hated every minute.", "NEGATIVE"),
    ):
        answers = json.loads(hostlab("predict", text, "--json").stdout)
        assert [answer["method"] for answer in answers] == list(METHODS)
        assert {answer["label"] for answer in answers} == {label}
        scores = [answer["score"] for answer in answers]
        assert max(scores) - min(scores) <= 1e-4
        for answer in answers:
            parts = [part for part in answer["timing_ms"].values() if part is not None]
            assert sum(parts) == pytest.approx(answer["latency_ms"], abs=0.01)


@pytest.mark.browser
def test_five_rows_one_label(demo, browser, capsys):
    with visit(browser, demo.url) as visited:
        page = visited.page
        expect(page.locator("#chosen input:checked")).to_have_count(len(METHODS))
        for number in range(ASKED):
            ask(page, f"An utterly charming film, number {number}.")
            expect(page.locator(".hl-agreement")).to_contain_text("All methods predict POSITIVE")
            expect(page.locator("#history-row")).to_contain_text(
                f"Comparisons in this session: {number + 1}"
            )
            done(page)
        rows = page.locator(".hl-answers tbody tr[data-method]")
        assert [row.get_attribute("data-method") for row in rows.all()] == list(METHODS)
        shown = {method: cells(page, method) for method in METHODS}
        with page.expect_download() as download:
            page.locator("#export-json").click()
        questions = json.loads(download.value.path().read_text(encoding="utf-8-sig"))

        open_tab(page, "services")
        for method in METHODS:
            parts = page.locator(f"#card-{method} [data-part]")
            expect(parts.first).to_have_attribute("data-state", "running")
            expect(parts.first).to_contain_text("MiB")

    over = []
    with capsys.disabled():
        print("\nAll at once, in milliseconds:")
        for question in questions:
            slowest = max(question["methods"], key=lambda row: row["at_once"][0]["latency_ms"])
            latency_ms = slowest["at_once"][0]["latency_ms"]
            over.append(question["at_once_ms"] - latency_ms)
            print(
                f"  all five answered after {question['at_once_ms']:.1f}; "
                f"the slowest, {slowest['method']}, took {latency_ms:.1f}"
            )
        print(
            "In turn, in milliseconds, p50: "
            + ", ".join(
                f"{row['method']} {row['in_turn']['p50_ms']:.1f}"
                for row in questions[-1]["methods"]
            )
        )
    # one of a few: another program on this machine may take the processor in any one of them
    assert min(over) <= MARGIN_MS
    for row in questions[-1]["methods"]:
        assert len(row["in_turn_ms"]) == 20
        assert shown[row["method"]]["p50"] == milliseconds(
            quantile(row["in_turn_ms"], 50), texts_in("en")
        ), "the page shows what was measured in turn"
        assert {answer["label"] for answer in row["at_once"]} == {"POSITIVE"}


@pytest.mark.browser
def test_a_click_turns_the_autoscaler_on_and_off(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        open_tab(page, "services")
        scaler = page.locator("#card-kubernetes [data-autoscaler]")
        more = page.locator("#more-kubernetes")
        expect(more).to_be_visible()
        expect(scaler).to_have_count(0)

        page.locator("#autoscale-kubernetes").click()
        expect(scaler).to_contain_text("60 %", timeout=SCALER_MS)
        assert get("kubernetes").status().autoscaler
        expect(more).to_be_hidden()

        page.locator("#autoscale_off-kubernetes").click()
        expect(more).to_be_visible(timeout=SCALER_MS)
        expect(scaler).to_have_count(0)
        assert not get("kubernetes").status().autoscaler


def test_nothing_is_left_when_they_are_stopped(all_five):
    down = hostlab("down", "--all")
    assert down.returncode == 0, down.stderr
    assert {status.state for status in statuses()} == {"stopped"}
    assert output("docker", "ps", "--all", "--quiet", "--filter", "label=hosting-lab.run-id") == []
    assert [
        name
        for name in output("docker", "network", "ls", "--format", "{{.Name}}")
        if name.startswith("hosting-lab")
    ] == []
    assert "hosting-lab" not in output(
        "kubectl", "get", "namespaces", "--no-headers", "--output", "custom-columns=:metadata.name"
    )
