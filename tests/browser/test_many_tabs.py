"""As many tabs of one browser as a reader likes, each of which asks."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.steps import ask, card, cells, done, open_tab

pytestmark = pytest.mark.browser

TABS = 9  # a browser has six connections to one host


def test_every_tab_is_answered_while_all_the_others_are_open(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        pages = [visited.page]
        for _ in range(TABS - 1):
            pages.append(visited.page.context.new_page())
            pages[-1].goto(running_demo.url)
        for number, page in enumerate(pages):
            ask(page, f"An utterly charming film, number {number}.")
        for page in pages:
            done(page)
            assert cells(page, "in-process")["Label"] == "POSITIVE"
        for page in pages:
            card(page, "in-process", "running")


def test_a_question_of_every_tab_waits_for_a_load_and_the_page_still_answers(running_demo, browser):
    """While the machine is taken, all tabs wait, and none keeps a connection for that."""
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        open_tab(page, "load")
        box = page.locator("#load-seconds input[type=number]")
        box.fill("60")
        box.press("Enter")
        page.locator("#load-start").click()
        expect(page.locator("#load-stop")).to_be_enabled()
        pages = []
        for number in range(TABS):
            pages.append(page.context.new_page())
            pages[-1].goto(running_demo.url)
            ask(pages[-1], f"Number {number}.")
        for waiting in pages:
            expect(waiting.locator("#results .hl-stage")).to_contain_text("machine is free")
        page.locator("#load-stop").click()
        for waiting in pages:
            done(waiting)
