"""Table and Report on paper: light, whole, and without what is to be clicked."""

import pytest
from playwright.sync_api import expect

from hostlab import METHODS
from tests.browser.conftest import visit
from tests.browser.steps import open_tab

pytestmark = pytest.mark.browser

A4_PX = 718  # the width of an A4 page in Chromium, without its margins
BLACK = "rgb(17, 17, 17)"


def test_table_and_report_print_light_and_whole(running_demo, browser):
    with visit(browser, running_demo.url, color_scheme="dark") as visited:
        page = visited.page
        open_tab(page, "table")
        expect(page.locator(".hl-marked tbody tr")).to_have_count(len(METHODS))
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": A4_PX, "height": 1000})
        for clicked in ("#table-start", "#language", "#theme", "#tab-load-button", "footer"):
            expect(page.locator(clicked)).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= A4_PX
        expect(page.locator(".hl-marked .hl-name").first).to_have_css("color", BLACK)
        expect(page.locator(".hl-marked .hl-quiet").first).to_have_css("color", "rgb(71, 85, 105)")
        expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")

        page.emulate_media(media="screen", color_scheme="dark")
        page.set_viewport_size({"width": 1366, "height": 768})
        open_tab(page, "report")
        expect(page.locator("iframe.hl-report")).to_be_visible()
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator("iframe.hl-report")).to_be_hidden()
        printed = page.locator(".hl-printed")
        expect(printed.locator("h1")).to_be_visible()  # Playwright looks into the shadow tree
        expect(printed.locator("section")).to_have_count(5)
        expect(printed.locator("h1")).to_have_css("color", BLACK)
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(printed).to_have_count(0)
