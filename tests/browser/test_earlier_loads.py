"""The Load tab draws the loads of a saved session, in both languages."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.texts import texts_in
from tests.browser.accessibility import keyboard_faults, violations
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, open_tab, upload

pytestmark = pytest.mark.browser

BUTTON = "load-earlier-file"
DRAWN = ".hl-chart .hl-behind"


def saved_load(hour: int, latency_ms: float) -> dict:
    """Return a load of three seconds as a session's report keeps it."""
    latencies = dict.fromkeys(("p50_ms", "p95_ms", "p99_ms"), latency_ms)
    seconds = [{"second": at, "per_s": 20.0, "lost": 0} | latencies for at in range(3)]
    return {
        "began": f"2026-01-05T{hour}:00:00+0000",
        "plan": {"kind": "open", "level": 20.0, "seconds": 3.0, "ramp_s": 0.0},
        "rows": [{"method": "docker", "phases": [], "events": [], "seconds": seconds}],
    }


def session(folder: Path, *loads: dict) -> Path:
    file = folder / f"{len(loads)}.json"
    file.write_text(json.dumps({"questions": [], "loads": loads}), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("language", "context"),
    [("en", {"locale": "en-GB"}), ("ru", {"locale": "ru-RU"} | PHONE)],
    ids=["English", "Russian, phone"],
)
def test_loads_of_a_saved_session_are_drawn(running_demo, browser, tmp_path, language, context):
    texts = texts_in(language)
    with visit(browser, running_demo.url, **context) as visited:
        page = visited.page
        open_tab(page, "load")
        upload(page, BUTTON, session(tmp_path))
        notice = page.locator("#load-earlier-notice")
        expect(notice).to_contain_text(texts("earlier.no_loads", file="0.json"))
        upload(page, BUTTON, session(tmp_path, saved_load(10, 20.0), saved_load(11, 45.0)))
        expect(page.locator(DRAWN)).to_have_count(5)  # the newest, in each of the charts
        expect(notice).to_be_empty()
        expect(page.locator("#load-results .hl-legend")).to_contain_text(texts.title("docker"))
        assert not violations(page)
        assert not keyboard_faults(page)

        choice = page.locator("#load-earlier input")
        choice.click()
        page.get_by_role("option", name="05.01.").last.click()
        page.keyboard.press("Escape")
        expect(page.locator(DRAWN)).to_have_count(10)
        page.reload()
        open_tab(page, "load")
        page.locator("#load-earlier .token-remove, #load-earlier .remove-all").first.wait_for(
            state="detached"
        )
        expect(page.locator("#load-results")).to_contain_text(texts("load.empty"))
