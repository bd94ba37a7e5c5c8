"""What a teacher does with the page, done by a browser."""

import psutil
import pytest
from playwright.sync_api import expect

from hostlab import get
from tests.browser.conftest import visit
from tests.browser.steps import ask, card, cells, done, open_tab, text_box

pytestmark = pytest.mark.browser


def test_a_text_gets_a_prediction_at_once_and_by_a_second_method_after_a_press(
    demo, browser, stopped_afterwards
):
    with visit(browser, demo.url) as visited:
        page = visited.page
        expect(page).to_have_title("Hosting Lab")
        ask(page, "I hated every minute of it.")  # even while the first method starts
        done(page)
        assert cells(page, "in-process")["Label"] == "NEGATIVE"
        assert (
            float(cells(page, "in-process")["Cold start"])
            > float(cells(page, "in-process")["First request"])
            > 0
        )

        open_tab(page, "services")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        open_tab(page, "compare")
        text_box(page).fill("An utterly charming film.")
        text_box(page).press("Enter")
        expect(page.locator(".hl-agreement")).to_contain_text("All methods predict POSITIVE")
        done(page)
        one, two = cells(page, "in-process"), cells(page, "separate-process")
        assert one["Label"] == two["Label"] == "POSITIVE"
        assert float(one["Score"]) == pytest.approx(float(two["Score"]), abs=1e-4)
        for row in (one, two):
            parts = [float(row[part]) for part in ("hop", "queue", "model", "upstream")]
            assert sum(parts) == pytest.approx(float(row["Mean"]), rel=0.02)
            assert float(row["p50"]) <= float(row["p95"]) <= float(row["p99"])
        expect(page.locator(".hl-bar")).to_have_count(2)
        assert [strip.locator("circle").count() for strip in page.locator(".hl-strip").all()] == [
            20,
            20,
        ]

    assert demo.end() == 0
    assert "Stopped with the demo: in-process." in demo.output()
    assert "separate-process stays" in demo.output()
    assert get("in-process").status().state == "stopped"
    assert get("separate-process").status().state == "running"


def test_what_a_terminal_starts_and_breaks_is_seen(running_demo, browser):
    service = get("separate-process")
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        card(page, "in-process", "running")
        card(page, "separate-process", "stopped")
        service.start()
        card(page, "separate-process", "running")
        expect(page.locator("#card-separate-process")).to_contain_text(service.url)
        service.kill()
        card(page, "separate-process", "failed")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        page.locator("#stop-separate-process").click()
        card(page, "separate-process", "stopped")
        assert service.status().state == "stopped"


def test_one_that_hangs_fills_its_own_row_only(running_demo, browser):
    service = get("separate-process").start()
    model = service.components()[0]
    assert model.name == "model_service"
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        card(page, "separate-process", "running")
        card(page, "in-process", "running")
        process = psutil.Process(int(model.id))
        process.suspend()
        try:
            ask(page, "An utterly charming film.")
            expect(page.locator('.hl-table tr[data-method="in-process"]')).to_contain_text(
                "POSITIVE"
            )
            expect(page.locator('.hl-table tr[data-method="separate-process"]')).to_contain_text(
                "waiting for a prediction"
            )
            done(page)
            expect(
                page.locator('.hl-table tr[data-method="separate-process"] .hl-error')
            ).to_contain_text("Too late")
            expect(page.locator(".hl-bar")).to_have_count(1)
        finally:
            process.resume()


def test_a_killed_model_fails_its_own_row_until_it_is_restarted(running_demo, browser):
    service = get("separate-process")
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        open_tab(page, "services")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        parts = page.locator("#card-separate-process [data-part]")
        expect(parts).to_have_count(2)
        assert [part.get_attribute("data-part") for part in parts.all()] == [
            part.name for part in service.components()
        ]
        expect(parts.first).to_contain_text("MiB")
        expect(parts.first).to_contain_text(service.components()[0].id)
        page.locator("#kill-separate-process").click()
        card(page, "separate-process", "failed")
        expect(
            page.locator('#card-separate-process [data-part="model_service"]')
        ).to_have_attribute("data-state", "dead")

        ask(page, "An utterly charming film.")
        done(page)
        row = page.locator('.hl-answers tr[data-method="separate-process"]')
        expect(row.locator(".hl-error")).to_be_visible()
        assert cells(page, "in-process")["Label"] == "POSITIVE"

        open_tab(page, "services")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        ask(page, "An utterly charming film, again.")
        expect(page.locator(".hl-agreement")).to_contain_text("All methods predict POSITIVE")
        expect(row.locator(".hl-error")).to_have_count(0)
        open_tab(page, "services")
        page.locator("#stop-separate-process").click()
        card(page, "separate-process", "stopped")
        expect(page.locator("#card-separate-process")).to_contain_text(
            "python deployments/separate_process/model_service.py"
        )
