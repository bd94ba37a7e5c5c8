"""A new reader's first minute: one click on the first tab starts all methods that can run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.texts import texts_in
from hostlab import METHODS, get
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, card, open_tab

pytestmark = pytest.mark.browser

# The demo of these tests sees neither a Docker engine nor a cluster.
CAN_RUN = ("in-process", "separate-process", "api")


@pytest.fixture(autouse=True)
def _one_method(running_demo: object) -> Iterator[None]:
    yield
    get("api").stop()


def line(page: Page, method: str) -> Locator:
    return page.locator(f'#compare-states [data-method="{method}"]')


@pytest.mark.parametrize(
    ("locale", "context"), [("en-GB", {}), ("ru-RU", PHONE)], ids=["English", "Russian, phone"]
)
def test_one_click_on_the_first_tab_starts_all_that_can_run(running_demo, browser, locale, context):
    texts = texts_in("en" if locale == "en-GB" else "ru")
    with visit(browser, running_demo.url, locale=locale, **context) as visited:
        page = visited.page
        expect(page.locator("#compare-states li")).to_have_count(len(METHODS) - 1)
        expect(line(page, "docker")).to_have_attribute("data-state", "unavailable")
        expect(line(page, "docker")).to_contain_text("No Docker engine answers")
        expect(line(page, "docker")).not_to_contain_text("Start it")  # one sentence
        start = page.locator("#compare-start-all")
        expect(start).to_have_text(texts("services.start_all"))
        start.click()
        expect(line(page, "separate-process")).to_contain_text(texts("services.starting"))
        expect(start).to_be_disabled()
        expect(page.locator("#chosen input:checked")).to_have_count(len(CAN_RUN))
        expect(page.locator("#compare-states li")).to_have_count(2)
        page.locator("#ask").click()
        expect(page.locator(".hl-answers tbody tr")).to_have_count(len(CAN_RUN))
        expect(page.locator("#results .hl-stage")).to_contain_text(
            texts("compare.done", repeats=20)[:6]
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_the_services_tab_starts_what_does_not_run(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        open_tab(page, "services")
        page.locator("#services-start-all").click()
        for method in CAN_RUN:
            card(page, method, "running")
        expect(page.locator("#services-start-all")).to_be_disabled()
        page.locator("#stop-api").click()
        card(page, "api", "stopped")
        expect(page.locator("#services-start-all")).to_be_enabled()
