"""What a person does on the page and sees there, for the browser tests."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from demo.texts import texts_in

# What a reader with a phone has; options of `visit`.
PHONE = {"color_scheme": "dark", "viewport": {"width": 375, "height": 720}}


def open_tab(page: Page, name: str) -> None:
    """Open a tab of the page. On a phone, a button at the end of the row hides the last tabs."""
    page.locator("#tab-compare-button").wait_for()
    button = page.locator(f"#tab-{name}-button")
    if not button.count():
        page.locator(".overflow-menu > button").click()
        texts = texts_in(page.evaluate("document.documentElement.lang"))
        button = page.locator(".overflow-dropdown button", has_text=texts(f"tabs.{name}"))
    button.click()


def card(page: Page, method: str, state: str) -> None:
    open_tab(page, "services")
    expect(page.locator(f'#card-{method} [data-method="{method}"]')).to_have_attribute(
        "data-state", state
    )


def text_box(page: Page) -> Locator:
    return page.locator("#text textarea")


def ask(page: Page, text: str) -> None:
    open_tab(page, "compare")
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


def upload(page: Page, button: str, file: Path) -> None:
    """Load a file as a reader does, by the file chooser of the button with this id."""
    with page.expect_file_chooser() as chooser:
        page.locator(f"#{button}").click()
    chooser.value.set_files(file)


def log_in(page: Page, password: str) -> None:
    page.get_by_label("username").fill("anybody")
    page.get_by_label("password").fill(password)
    page.get_by_role("button", name="Login").click()
