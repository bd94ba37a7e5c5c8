"""Find the limit on the Load tab: the bound is chosen, the steps appear, the result is a sentence.

The bound is wide, and the time short: what is checked is the page. The search's own figures are
checked against servers of a known capacity (tests/measure/test_limit.py).
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from demo.texts import texts_in
from hostlab import get
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, open_tab
from tests.browser.test_load import set_slider, wait_for
from tests.open_demo import Demo, open_demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    get("in-process").start()
    with open_demo() as demo:
        yield demo
    get("in-process").stop()


def begin(page: Page, latency_ms: int, percent: str = "p95", budget_s: int = 30) -> None:
    """Open the tab, choose the bound, and start a search on in-process."""
    get("in-process").start()  # what an earlier test has stopped
    open_tab(page, "load")
    expect(page.locator("#load-methods input:checked")).to_have_count(1)
    page.locator("#load-mode label").nth(1).click()
    expect(page.locator("#limit-start")).to_be_enabled()
    expect(page.locator("#load-start")).to_be_hidden()
    page.locator("#limit-percent label", has_text=percent).click()
    set_slider(page, "limit-latency", latency_ms)
    set_slider(page, "limit-budget", budget_s)
    page.locator("#limit-start").click()


def crosses(page: Page, chart: int) -> int:
    return page.locator(".hl-limit-charts .hl-chart").nth(chart).locator(".hl-cross").count()


@pytest.mark.parametrize(
    ("language", "options"),
    [("en", {}), ("ru", {"locale": "ru-RU", **PHONE})],
    ids=["English", "Russian, on a phone"],
)
def test_a_limit_is_found_while_the_page_shows_the_steps(demo, browser, language, options):
    texts = texts_in(language)
    with visit(browser, demo.url, **options) as visited:
        page = visited.page
        begin(page, 2000, "p50")
        results, state = page.locator("#limit-results"), page.locator("#limit-state")
        asked = texts("limit.asked", percentile="p50", latency="2000", errors="1")
        expect(state).to_contain_text(asked)
        page.wait_for_function("document.querySelectorAll('.hl-limit-charts .hl-chart').length==3")
        seen: set[str] = set()
        while texts("load.ended") not in state.inner_text():
            if line := page.locator(".hl-limit-charts .hl-line").first.get_attribute("d"):
                seen.add(line)
            page.wait_for_timeout(500)
        assert len(seen) >= 5, "the steps did not appear while the search ran"
        held = re.search(r"(\d+)", results.locator(".hl-found").inner_text())
        assert texts.title("in-process") in results.inner_text() and int(held[0]) >= 20
        expect(page.locator(".hl-bound-line")).to_have_count(2)
        results.locator("summary").click()
        expect(results.locator('tr[data-held="true"]').first).to_be_visible()
        width = options.get("viewport", {"width": 1366})["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_bound_that_breaks_is_marked_and_a_reload_shows_the_search_again(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        begin(page, 5, "p99", budget_s=600)
        wait_for(page, lambda: crosses(page, 0) and crosses(page, 1), "nothing is marked")
        assert page.locator(".hl-bound").first.inner_text() == "5 ms"
        visited.open(demo.url)
        open_tab(page, "load")
        expect(page.locator("#limit-state")).to_be_visible()
        expect(page.locator("#limit-state")).to_contain_text("p99 at most 5 ms")
        page.locator("#limit-stop").click()
        expect(page.locator("#limit-state")).to_contain_text("Stopped")
        expect(page.locator("#limit-results")).to_contain_text("did not hold")
        open_tab(page, "report")
        frame = page.frame_locator("iframe.hl-report")
        expect(frame.locator(".hl-limit-charts .hl-chart")).to_have_count(3)


def test_a_method_that_stops_ends_the_search_with_a_sentence(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        begin(page, 2000)
        results = page.locator("#limit-results")
        page.wait_for_function("document.querySelectorAll('.hl-limit-charts .hl-chart').length==3")
        expect(page.locator("#limit-state")).to_contain_text("40 requests per second")
        get("in-process").stop()
        expect(results).to_contain_text("The search ended with an error")
        expect(results).to_contain_text(re.compile(r"\d+ requests per second held\."))
        expect(results).to_contain_text("does not run")
        expect(page.locator("#limit-start")).to_be_enabled()


def test_without_a_method_the_page_shows_what_to_do(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        get("in-process").start()
        open_tab(page, "load")
        expect(page.locator("#load-methods input:checked")).to_have_count(1)
        page.locator("#load-methods input").first.uncheck()
        page.locator("#load-mode label").nth(1).click()
        page.locator("#limit-start").click()
        expect(page.locator("#limit-notice")).to_contain_text("No method is selected.")
