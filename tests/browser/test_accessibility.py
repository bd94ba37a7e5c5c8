"""Every tab for readers without a mouse or without sight, and a page that keeps still."""

import pytest
from playwright.sync_api import Page, expect

from demo.texts import texts_in
from tests.browser.accessibility import keyboard_faults, violations
from tests.browser.conftest import Visit, visit
from tests.browser.steps import ask, open_tab, text_box

pytestmark = pytest.mark.browser

TABS = ("compare", "dialogue", "services", "load", "guests", "table", "report")
LOCALES = {"en": "en-GB", "ru": "ru-RU"}


def fill(page: Page, language: str) -> None:
    """Let every tab have something to show."""
    ask(page, "An utterly charming film.\nI hated every minute of it.")
    over(page, language)
    open_tab(page, "dialogue")
    page.locator("#dialogue-text textarea").fill("I saw Alien")
    page.locator("#dialogue-text textarea").press("Enter")
    expect(page.locator("#dialogue-chat .hl-trace")).to_have_count(1)
    open_tab(page, "load")
    expect(page.locator("#load-methods input:checked")).to_have_count(1)
    box = page.locator("#load-seconds input[type=number]")
    box.fill("3")
    box.press("Enter")
    page.locator("#load-start").click()
    expect(page.locator("#load-state")).to_contain_text(texts_in(language)("load.ended"))


def over(page: Page, language: str) -> None:
    """Wait until the figures of a question are final."""
    first = texts_in(language)("compare.done", repeats=0).partition(" ")[0]
    expect(page.locator("#results .hl-stage")).to_contain_text(first)


def each_tab(page: Page) -> None:
    for name in TABS:
        open_tab(page, name)
        if name == "report":
            expect(page.locator("iframe.hl-report")).to_be_visible()
        yield name


@pytest.mark.parametrize("language", LOCALES)
def test_every_tab_and_the_report_are_accessible(running_demo, browser, language, tmp_path):
    """axe-core finds nothing, and the keyboard reaches every control and shows where it is."""
    with visit(browser, running_demo.url, locale=LOCALES[language]) as visited:
        page = visited.page
        fill(page, language)
        for name in each_tab(page):
            assert violations(page) == [], f"{name}, light"
            assert keyboard_faults(page) == [], name
        page.locator("#theme").click()
        for name in each_tab(page):
            assert violations(page) == [], f"{name}, dark"
        with page.expect_download() as download:
            page.locator("#report-html").click()
        file = tmp_path / "report.html"
        download.value.save_as(file)
        saved = visited.page.context.new_page()
        saved.goto(file.as_uri())
        for colors in ("light", "dark"):
            saved.emulate_media(color_scheme=colors)
            assert violations(saved) == [], f"saved report, {colors}"
        visited.external.clear()  # the file is of another origin than the page


def test_axe_finds_what_is_wrong(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        page.evaluate("document.querySelector('#head p').style.color = '#ddd'")
        page.evaluate("document.querySelector('#head').append(document.createElement('button'))")
        rules = {one.partition(":")[0] for one in violations(page)}
        assert rules == {"color-contrast", "button-name"}
        assert [one.partition(":")[0] for one in keyboard_faults(page)] == ["no name"]


def test_the_arrow_keys_choose_within_a_named_group(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        group = page.get_by_role("radiogroup", name="Latency requests per method")
        group.get_by_label("20", exact=True).focus()
        page.keyboard.press("ArrowLeft")
        expect(group.get_by_label("5", exact=True)).to_be_checked()
        expect(group.locator("input:checked")).to_have_count(1)
        ask(page, "A charming film.")
        expect(page.locator("#results .hl-stage")).to_contain_text("5 per method")
        expect(page.get_by_role("radiogroup", name="Language")).to_be_visible()


def shifts(visited: Visit) -> float:
    """The cumulative layout shift since the last call, as Chromium scores it (0: none)."""
    return visited.page.evaluate(
        """() => { const sum = window.shifted; window.shifted = 0; return sum }"""
    )


@pytest.mark.parametrize("height", [768, 1600], ids=["a laptop's window", "a high window"])
def test_nothing_moves_when_results_come_in(running_demo, browser, height):
    with visit(browser, running_demo.url, viewport={"width": 1366, "height": height}) as visited:
        page = visited.page
        expect(page.locator("#chosen input:checked")).to_have_count(1)
        page.evaluate(
            """() => { window.shifted = 0; new PerformanceObserver(list => {
              for (const one of list.getEntries()) if (!one.hadRecentInput) shifted += one.value
            }).observe({type: 'layout-shift'}) }"""
        )
        for text in ("An utterly charming film.", "I hated every minute of it."):
            text_box(page).fill(text)
            text_box(page).press("Enter")
            expect(page.locator(".hl-agreement")).to_be_visible()
            over(page, "en")
            page.wait_for_timeout(1000)
            assert shifts(visited) <= 0.1
