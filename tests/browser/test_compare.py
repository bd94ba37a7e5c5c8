"""Texts, files, history, languages, and the password of the page, in a browser."""

import csv
import io
import json
import re

import pytest
from playwright.sync_api import expect

from hostlab import get
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, ask, card, cells, done, log_in, open_tab, text_box
from tests.open_demo import open_demo

pytestmark = pytest.mark.browser


def test_several_texts_from_a_file_and_whom_to_ask(running_demo, browser, tmp_path):
    get("separate-process").start()
    file = tmp_path / "reviews.csv"
    file.write_text(
        "id,text\n1,An utterly charming film.\n2,I hated every minute.\n", encoding="utf-8"
    )
    wrong = tmp_path / "reviews.txt"
    wrong.write_bytes("Привет".encode("cp1251"))
    with visit(browser, running_demo.url) as visited:
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


def test_a_double_click_and_a_second_enter_ask_once(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        text_box(page).fill("A charming film.")
        page.locator("#ask").dblclick()
        done(page)
        text_box(page).fill("Every minute was awful.")
        text_box(page).press("Enter")
        text_box(page).press("Enter")
        expect(page.locator(".hl-agreement")).to_contain_text("NEGATIVE")
        done(page)
        page.locator("#history input").click()
        expect(page.get_by_role("option")).to_have_count(2)


def test_the_history_is_exported_comes_back_and_is_nobody_elses(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
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
            assert re.fullmatch(rf"hosting-lab-[\d-]+\.{kind}", download.value.suggested_filename)
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

        visited.open(running_demo.url)
        expect(page.locator(".hl-agreement")).to_contain_text("NEGATIVE")
        page.locator("#history input").click()
        page.get_by_role("option").filter(has_text="charming").click()
        expect(page.locator(".hl-agreement")).to_contain_text("POSITIVE")
        with visit(browser, running_demo.url) as other:
            expect(other.page.locator(".hl-empty")).to_be_visible()
            expect(other.page.locator("#history-row")).to_contain_text(
                "Comparisons in this session: 0"
            )
        page.locator("#clear").click()
        expect(page.locator(".hl-empty")).to_be_visible()


def test_what_cannot_be_asked_is_explained_in_a_sentence(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
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
        open_tab(page, "services")
        page.locator("#stop-in-process").click()
        card(page, "in-process", "stopped")
        ask(page, "fine")
        expect(notice).to_contain_text("No method is running")


def test_languages_and_a_narrow_screen(running_demo, browser):
    with visit(
        browser,
        running_demo.url,
        locale="ru-RU",
        **PHONE,
    ) as visited:
        page = visited.page
        expect(page.locator("#ask")).to_have_text("Классифицировать")
        page.locator("#ask").click()
        expect(page.locator("#results .hl-stage")).to_contain_text("Готово.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        open_tab(page, "table")
        label = page.locator("#table-quick label").bounding_box()
        assert label and label["width"] > 200 and label["x"] + label["width"] <= 375
        open_tab(page, "compare")
        page.get_by_role("radio", name="English").click()
        expect(page.locator("#ask")).to_have_text("Predict")
        done(page)
        visited.open(running_demo.url)
        expect(page.locator("#ask")).to_have_text("Predict")


def test_a_classroom_needs_the_password(browser, stopped_afterwards):
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
