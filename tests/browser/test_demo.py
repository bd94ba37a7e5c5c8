"""What a teacher does with the page, done by a browser."""

import csv
import io
import json
import re
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from hostlab import get
from tests.browser.conftest import open_demo, visit

pytestmark = pytest.mark.browser
expect.set_options(
    timeout=120_000
)  # how long a model takes to load on a busy machine; nothing here is a figure


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    for method in ("in-process", "separate-process"):  # the buttons' starts stay until stopped
        get(method).stop()


def tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}-button").click()


def card(page: Page, method: str, state: str) -> None:
    tab(page, "services")
    expect(page.locator(f'#card-{method} [data-method="{method}"]')).to_have_attribute(
        "data-state", state
    )


def text_box(page: Page) -> Locator:
    return page.locator("#text textarea")


def ask(page: Page, text: str) -> None:
    tab(page, "compare")
    text_box(page).fill(text)
    page.locator("#ask").click()


def cells(page: Page, method: str) -> dict[str, str]:
    row = page.locator(f'.hl-table tr[data-method="{method}"] td[data-name]').all()
    return {
        re.split(r"[,(]", cell.get_attribute("data-name"))[0].strip(): cell.inner_text()
        for cell in row
    }


def done(page: Page) -> None:
    expect(page.locator("#results .hl-stage")).to_contain_text("Done.")


def log_in(page: Page, password: str) -> None:
    page.get_by_label("username").fill("anybody")
    page.get_by_label("password").fill(password)
    page.get_by_role("button", name="Login").click()


def test_a_text_gets_a_prediction_at_once_and_by_a_second_method_after_a_press(demo, browser):
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

        tab(page, "services")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        tab(page, "compare")
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


def test_what_a_terminal_starts_and_breaks_is_seen(demo, browser):
    service = get("separate-process")
    with visit(browser, demo.url) as visited:
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


def test_one_that_hangs_fills_its_own_row_only(demo, browser):
    service = get("separate-process").start()
    model = service.components()[0]
    assert model.name == "model_service"
    with visit(browser, demo.url) as visited:
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


def test_a_killed_model_fails_its_own_row_until_it_is_restarted(demo, browser):
    service = get("separate-process")
    with visit(browser, demo.url) as visited:
        page = visited.page
        tab(page, "services")
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

        tab(page, "services")
        page.locator("#start-separate-process").click()
        card(page, "separate-process", "running")
        ask(page, "An utterly charming film, again.")
        expect(page.locator(".hl-agreement")).to_contain_text("All methods predict POSITIVE")
        expect(row.locator(".hl-error")).to_have_count(0)
        tab(page, "services")
        page.locator("#stop-separate-process").click()
        card(page, "separate-process", "stopped")
        expect(page.locator("#card-separate-process")).to_contain_text(
            "python deployments/separate_process/model_service.py"
        )


def test_several_texts_from_a_file_and_whom_to_ask(demo, browser, tmp_path):
    get("separate-process").start()
    file = tmp_path / "reviews.csv"
    file.write_text(
        "id,text\n1,An utterly charming film.\n2,I hated every minute.\n", encoding="utf-8"
    )
    wrong = tmp_path / "reviews.txt"
    wrong.write_bytes("Привет".encode("cp1251"))
    with visit(browser, demo.url) as visited:
        page = visited.page
        expect(page.locator("#chosen input:checked")).to_have_count(2)
        page.locator("#tab-compare input[type=file]").set_input_files(wrong)
        expect(page.locator("#notice")).to_contain_text("not encoded in UTF-8")
        page.locator("#tab-compare input[type=file]").set_input_files(file)
        expect(text_box(page)).to_have_value("An utterly charming film.\nI hated every minute.")
        page.locator("#repeats").get_by_label("5", exact=True).check()
        page.locator("#ask").click()
        done(page)
        expect(page.locator(".hl-agreement")).to_contain_text("on 2 of 2 texts (100%)")
        assert cells(page, "in-process")["Label"] == "1 × POSITIVE, 1 × NEGATIVE"
        expect(page.locator(".hl-texts tbody tr")).to_have_count(2)

        page.locator("#chosen").get_by_label("In a separate process").uncheck()
        ask(page, "I hated every minute of it.")
        done(page)
        expect(page.locator(".hl-answers tbody tr")).to_have_count(1)
        page.locator("#chosen").get_by_label("In one process").uncheck()
        page.locator("#ask").click()
        expect(page.locator("#notice")).to_contain_text("No method is selected")


def test_the_history_is_exported_comes_back_and_is_nobody_elses(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        page.locator("#repeats").get_by_label("5", exact=True).check()
        for text in ("An utterly charming film.", "I hated every minute of it."):
            ask(page, text)
            expect(page.locator(".hl-agreement")).to_contain_text(
                "POSITIVE" if "film" in text else "NEGATIVE"
            )
            done(page)
        files = {}
        for kind in ("csv", "json"):
            with page.expect_download() as download:
                page.locator(f"#export-{kind}").click()
            assert download.value.suggested_filename == f"hosting-lab.{kind}"
            files[kind] = download.value.path().read_text(encoding="utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(files["csv"], newline="")))
        assert [line["question"] for line in lines] == ["1"] * 6 + ["2"] * 6, (
            "one answer at once and five in turn"
        )
        questions = json.loads(files["json"])
        assert [question["texts"] for question in questions] == [
            ["An utterly charming film."],
            ["I hated every minute of it."],
        ]
        assert [
            round(float(line["latency_ms"]), 6) for line in lines if line["asked"] == "in_turn"
        ] == [
            round(latency, 6)
            for question in questions
            for latency in question["methods"][0]["in_turn_ms"]
        ]

        visited.open(demo.url)
        expect(page.locator(".hl-agreement")).to_contain_text("NEGATIVE")
        page.locator("#history input").click()
        page.get_by_role("option").filter(has_text="charming").click()
        expect(page.locator(".hl-agreement")).to_contain_text("POSITIVE")
        with visit(browser, demo.url) as other:
            expect(other.page.locator(".hl-empty")).to_be_visible()
            expect(other.page.locator("#history-row")).to_contain_text(
                "Comparisons in this session: 0"
            )
        page.locator("#clear").click()
        expect(page.locator(".hl-empty")).to_be_visible()


def test_what_cannot_be_asked_is_explained_in_a_sentence(demo, browser):
    with visit(browser, demo.url) as visited:
        page = visited.page
        card(page, "in-process", "running")
        notice = page.locator("#notice")
        ask(page, "   ")
        expect(notice).to_contain_text("There is no text to classify")
        ask(page, "x" * 6000)
        expect(notice).to_contain_text("Shorten it by 1000")
        ask(page, "Какой чудесный фильм!")
        expect(notice).to_contain_text("does not look like English")
        done(page)
        tab(page, "services")
        page.locator("#stop-in-process").click()
        card(page, "in-process", "stopped")
        ask(page, "fine")
        expect(notice).to_contain_text("No method is running")


def test_languages_and_a_narrow_screen(demo, browser):
    with visit(
        browser,
        demo.url,
        locale="ru-RU",
        color_scheme="dark",
        viewport={"width": 375, "height": 720},
    ) as visited:
        page = visited.page
        expect(page.locator("#ask")).to_have_text("Классифицировать")
        page.locator("#ask").click()
        expect(page.locator("#results .hl-stage")).to_contain_text("Готово.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.get_by_label("English").click()
        expect(page.locator("#ask")).to_have_text("Predict")
        done(page)
        visited.open(demo.url)
        expect(page.locator("#ask")).to_have_text("Predict")


def test_a_classroom_needs_the_password(browser):
    with (
        open_demo("--host", "0.0.0.0", HOSTLAB_DEMO_PASSWORD="chalk") as demo,
        visit(browser, demo.url) as visited,
    ):
        page = visited.page
        log_in(page, "cheese")
        expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
        expect(page.locator("#ask")).to_have_count(0)
        visited.errors.clear()  # the browser's console reports the rejected login
        log_in(page, "chalk")
        expect(page.locator("#ask")).to_be_visible()
