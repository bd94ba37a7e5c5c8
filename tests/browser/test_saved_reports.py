"""The Report tab compares saved reports, in both languages."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.texts import texts_in
from hostlab.measure.report.merge import SHIPPED
from tests.browser.accessibility import keyboard_faults, violations
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, ask, open_tab, upload

pytestmark = pytest.mark.browser

TEXT = "An utterly charming film."


def save(page: Page, file: Path) -> dict:
    with page.expect_download() as download:
        page.locator("#report-json").click()
    name = download.value.suggested_filename
    assert re.fullmatch(r"hosting-lab-report-\d{4}-\d\d-\d\d-\d{4}\.json", name)
    download.value.save_as(file)
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("language", "context"),
    [("en", {"locale": "en-GB"}), ("ru", {"locale": "ru-RU"} | PHONE)],
    ids=["English", "Russian, phone"],
)
def test_a_saved_report_is_compared(running_demo, browser, tmp_path, language, context):
    texts = texts_in(language)
    with visit(browser, running_demo.url, **context) as visited:
        page = visited.page
        ask(page, TEXT)
        done = texts("compare.done", repeats=20).partition(" ")[0]
        expect(page.locator("#results .hl-stage")).to_contain_text(done)
        open_tab(page, "report")
        file = tmp_path / "before.json"
        data = save(page, file)
        changed, notice = page.locator("#changes"), page.locator("#changes-notice")

        upload(page, "changes-now", file)
        expect(notice).to_contain_text(texts("changes.first_then"))
        upload(page, "changes-then", file)
        expect(changed).to_contain_text(texts("changes.same_session"))
        expect(notice).to_be_empty()

        (question,) = data["questions"]
        question["asked_at"] = data["made_at"] = "2026-01-01T10:00:00+0000"
        (row,) = question["methods"]
        row["in_turn_ms"] = [latency / 3 for latency in row["in_turn_ms"]]
        quicker = tmp_path / "quicker.json"
        quicker.write_text(json.dumps(data), encoding="utf-8")
        upload(page, "changes-then", quicker)
        expect(changed).to_contain_text(texts("changes.current_session"))
        summary = texts("changes.summary", count=1, changed=1, noise=0, few=0)
        expect(changed).to_contain_text(summary)
        slower = changed.locator('tr[data-verdict="more"][data-better="false"]')
        expect(slower).to_contain_text(texts("numbers.percent", value="+200"))
        expect(slower).to_contain_text(TEXT)
        upload(page, "changes-now", quicker)
        expect(slower).to_have_count(0)
        expect(changed).to_contain_text(texts("changes.same_session"))
        upload(page, "changes-then", quicker)
        upload(page, "changes-now", file)
        expect(changed).to_contain_text("before.json")
        expect(slower).to_have_count(1)

        assert violations(page) == []
        assert keyboard_faults(page) == []
        if "viewport" in context:
            assert page.evaluate("document.documentElement.scrollWidth") <= 375

        bad = tmp_path / "bad.json"
        bad.write_text("{}")
        upload(page, "changes-then", bad)
        no_report = texts("changes.no_report", file="bad.json").replace("`", "")
        expect(notice).to_contain_text(no_report)
        upload(page, "changes-then", SHIPPED)
        expect(changed).to_contain_text(texts("changes.nothing_measured"))
        upload(page, "changes-now", SHIPPED)
        expect(changed).to_contain_text(texts("changes.same_measurement"))
        page.locator("#changes-close").click()
        expect(changed).to_be_empty()
