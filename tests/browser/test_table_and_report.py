"""The Table and Report tabs: measured next to lecture ratings, and a session in one file."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.formatting import moment
from demo.texts import texts_in
from hostlab import METHODS
from hostlab.measure.report.merge import SHIPPED
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, open_tab, text_box
from tests.open_demo import Demo, open_demo

pytestmark = pytest.mark.browser

SHIPPED_ON = moment(
    json.loads(SHIPPED.read_text("utf-8"))["measured_at"], texts_in("en")("page.date_time")
)
INSIDE_THE_FRAME = """() => {
  const frame = document.querySelector('iframe.hl-report')
  const root = frame.contentDocument.documentElement
  return root.scrollHeight <= frame.clientHeight ? 'all of it' : root.scrollHeight
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    # As on a machine on which nothing has been measured
    with open_demo(HOSTLAB_HOME=str(tmp_path_factory.mktemp("home"))) as demo:
        yield demo


def cells(page: Page, agrees: str) -> int:
    return page.locator(f'.hl-marked td[data-agrees="{agrees}"]').count()


def measure(page: Page, part: str, ended: str) -> None:
    """Choose a part by its place in the list, measure it, and wait for the end."""
    page.locator("#table-what input").click()
    page.get_by_role("option", name=re.compile(part)).click()
    page.locator("#table-start").click()
    expect(page.locator("#table-state")).to_contain_text(ended)


def test_the_page_measures_and_fills_an_empty_table(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        open_tab(page, "table")
        expect(page.locator(".hl-marked tbody tr")).to_have_count(len(METHODS))
        notice = page.locator("#table-table .hl-hint")
        expect(notice).to_contain_text("the table that ships with the project")
        expect(notice).to_contain_text(SHIPPED_ON)
        assert cells(page, "unknown") == 0
        measure(page, "simplicity: counted", "Measured: simplicity")
        expect(page.locator(".hl-marked td[data-shipped]")).to_have_count(20)
        expect(page.locator("#table-table")).to_contain_text(
            re.compile(r"agree in \d of 5 cells; not measured: 20")
        )
        expect(page.locator("#table-table")).to_contain_text("report.json")
        expect(notice).to_contain_text(SHIPPED_ON)
        first = page.locator('.hl-marked tr[data-method="in-process"] td').first
        expect(first).to_contain_text("(lecture +++)")
        assert re.search(r"files \d+ \+ commands \d+", first.inner_text())


def test_stopping_a_measurement_stops_the_services_that_it_started(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        open_tab(page, "table")
        page.locator("#table-what input").click()
        page.get_by_role("option", name=re.compile("one request at a time")).click()
        page.locator("#table-start").click()
        expect(page.locator("#table-state progress")).to_be_visible()
        expect(page.locator("#table-state")).to_contain_text(re.compile(r"[1-9]\d?%"))
        page.locator("#table-stop").click()
        expect(page.locator("#table-state")).to_contain_text("Stopped")
        expect(page.locator("#table-start")).to_be_enabled()
        open_tab(page, "services")
        expect(page.locator("#card-separate-process .hl-card")).to_have_attribute(
            "data-state", "stopped"
        )


def test_the_table_in_russian_on_a_phone(demo, browser):
    with visit(
        browser,
        demo.url,
        locale="ru-RU",
        **PHONE,
    ) as visited:
        page = visited.page
        open_tab(page, "table")
        expect(page.locator("#table-table")).to_contain_text("(лекция +++)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_report_of_a_session_is_one_file_that_opens_anywhere(demo, browser, tmp_path: Path):
    with visit(browser, demo.url) as visited:
        page = visited.page
        text_box(page).fill("A <b>bold</b> and lovely film.")
        text_box(page).press("Enter")
        expect(page.locator("#results")).to_contain_text("Done.")
        open_tab(page, "report")
        frame = page.frame_locator("iframe.hl-report")
        expect(frame.locator("h1")).to_contain_text("session report")
        expect(frame.locator(".hl-answers")).to_have_count(1)
        expect(frame.locator(".hl-spread")).to_have_count(1)
        assert page.evaluate(INSIDE_THE_FRAME) == "all of it"
        frame.locator(".contents a").last.click()
        page.wait_for_function("scrollY > 0")
        expect(frame.locator("h1")).to_be_visible()
        saved = {}
        for form in ("html", "json"):
            with page.expect_download() as download:
                page.locator(f"#report-{form}").click()
            saved[form] = tmp_path / f"report.{form}"
            download.value.save_as(saved[form])
    text = saved["html"].read_text(encoding="utf-8-sig")
    fetched = []

    class Fetches(HTMLParser):
        def handle_starttag(self, tag, attrs):
            fetched.extend(
                value for name, value in attrs if name in ("src", "srcset", "xlink:href") and value
            )
            assert tag not in ("script", "link", "iframe")

    Fetches().feed(text)
    assert "<b>bold" not in text
    assert fetched == [] and "url(" not in text and "@import" not in text
    data = json.loads(saved["json"].read_text(encoding="utf-8-sig"))
    assert data["questions"][0]["texts"] == ["A <b>bold</b> and lovely film."]
    assert {"processor", "versions"} <= data["machine"].keys() and len(data["methods"]) == len(
        METHODS
    )

    context = browser.new_context(offline=True, **PHONE)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.goto(saved["html"].as_uri())
    expect(page.locator("h3").first).to_contain_text("A <b>bold</b> and lovely film.")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 18, 32)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert asked == [saved["html"].as_uri()] and errors == []
    context.close()
