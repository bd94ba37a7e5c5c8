"""As many tabs of one browser as a reader likes, each of which asks."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.steps import ask, card, done, open_tab

pytestmark = pytest.mark.browser

TABS = 7  # a browser has six connections to one host


def test_every_tab_waits_for_a_load_and_none_hangs(running_demo, browser):
    """While the machine is taken, the questions of all tabs wait, which takes no connection."""
    with visit(browser, running_demo.url) as visited:
        first = visited.page
        open_tab(first, "load")
        box = first.locator("#load-seconds input[type=number]")
        box.fill("300")  # the test ends it
        box.press("Enter")
        # The page selects the method when it first sees it run.
        expect(first.locator("#load-methods input:checked")).to_have_count(1)
        first.locator("#load-start").click()
        expect(first.locator("#load-stop")).to_be_enabled()
        others = [first.context.new_page() for _ in range(TABS - 1)]
        for page in others:
            page.goto(running_demo.url, wait_until="commit")
        for page in others:
            ask(page, "An utterly charming film.")
        for page in others:
            expect(page.locator("#results .hl-stage")).to_contain_text("machine is free")
        first.locator("#load-stop").click()
        for page in others:
            done(page)
        card(first, "in-process", "running")
