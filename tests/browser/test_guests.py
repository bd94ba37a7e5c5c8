"""Guests on the page: added by their address, compared, under load, ranked, and removed.

A hostile one breaks nothing.
"""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from demo.texts import texts_in
from hostlab import get
from hostlab.deployment import Deployment
from hostlab.guests.contract_check import CHECKS
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, ask, cells, done, open_tab
from tests.guests import servers
from tests.open_demo import open_demo

pytestmark = pytest.mark.browser


@pytest.fixture
def ours(running_demo) -> Iterator[Deployment]:
    """The service that runs, whose address is a guest's, too."""
    yield get("in-process")


def add(page: Page, address: str, name: str) -> None:
    open_tab(page, "guests")
    page.locator("#guest-address input, #guest-address textarea").fill(address)
    page.locator("#guest-name input, #guest-name textarea").fill(name)
    page.locator("#guest-add").click()


def checked(page: Page, text: str) -> None:
    expect(page.locator("#guest-check")).to_contain_text(text)


def remove(page: Page, name: str) -> None:
    """Remove a guest, because the tests of this file share a demo."""
    open_tab(page, "guests")
    page.locator("#guest-leaving input").click()
    page.get_by_role("option", name=name).click()
    page.locator("#guest-remove").click()
    expect(page.locator(f'#guest-board tr[data-guest="{name}"]')).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_guest_is_added_and_compared(running_demo, browser, ours, language):
    texts = texts_in(language)
    options = {"locale": f"{language}-XX"} | (PHONE if language == "ru" else {})
    with visit(browser, running_demo.url, **options) as visited:
        page = visited.page
        add(page, ours.url, "Anna")
        checked(page, texts("guests.conforms", total=len(CHECKS)))
        row = page.locator('#guest-board tr[data-guest="Anna"]')
        expect(row).to_contain_text(texts("guests.passed", passed=len(CHECKS), total=len(CHECKS)))
        expect(row).to_contain_text(texts("guests.here"))
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

        ask(page, "An utterly charming film.")
        answer = page.locator('.hl-answers tr[data-method="Anna"]')
        expect(answer).to_contain_text("POSITIVE")
        expect(page.locator("#results .hl-stage")).to_contain_text(
            texts("compare.done", repeats=20)
        )
        expect(page.locator('.hl-spread tr[data-method="Anna"]')).to_be_visible()
        remove(page, "Anna")


def test_a_guest_is_under_load_and_measured_but_not_killed_from_here(running_demo, browser, ours):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        add(page, ours.url, "Anna")
        checked(page, "Added.")
        open_tab(page, "load")
        expect(page.locator("#load-methods input:checked")).to_have_count(2)
        page.locator("#load-methods").get_by_label("In one process").uncheck()
        page.locator("#load-seconds input[type=number]").fill("5")
        page.locator("#load-start").click()
        expect(page.locator("#load-kill")).to_be_enabled()
        page.locator("#load-kill").click()
        expect(page.locator("#load-notice")).to_contain_text("Only its owner")
        expect(page.locator("#load-state")).to_contain_text("Done.")
        expect(page.locator("#load-results")).to_contain_text("Anna")
        open_tab(page, "guests")
        page.locator("#guest-measure").click()
        expect(page.locator('#guest-board tr[data-guest="Anna"]')).to_contain_text(
            re.compile(r"1\. Anna")
        )
        expect(page.locator("#guest-measure")).to_be_enabled()
        throughput = page.locator('#guest-board td[data-name="Texts/s"]')
        expect(throughput).to_have_text(re.compile(r"^\d+$"))
        remove(page, "Anna")


def test_what_differs_is_listed_and_what_is_no_service_is_not_added(running_demo, browser, ours):
    with visit(browser, running_demo.url) as visited, servers.careless(ours.url) as careless:
        page = visited.page
        add(page, careless, "Boris")
        checked(page, "It differs from the contract in 3 of 26 checks.")
        expect(page.locator("#guest-check li")).to_have_count(3)
        page.get_by_role("radio", name="Русский").click()
        checked(page, "без заголовка X-Request-ID")
        page.get_by_role("radio", name="English").click()
        add(page, "http://169.254.169.254", "cloud")
        checked(page, "belongs neither to this machine")
        add(page, careless, "in-process")
        checked(page, "The name in-process is taken")
        with servers.raw(servers.redirect) as redirecting:
            add(page, redirecting, "elsewhere")
            checked(page, "Not added")
            checked(page, "a redirect to http://169.254.169.254")
        with servers.raw(servers.endless_body) as endless:
            add(page, endless, "endless")
            checked(page, "a response that doesn't end")
        expect(page.locator("#guest-board tbody tr")).to_have_count(1)
        remove(page, "Boris")


def test_a_hostile_guest_breaks_nothing(running_demo, browser, ours):
    with visit(browser, running_demo.url) as visited, servers.with_markup(ours.url) as hostile:
        page = visited.page
        add(page, hostile, "Eve")
        checked(page, "Added. It differs")
        checked(page, servers.MARKUP)
        ask(page, "An utterly charming film.")
        done(page)
        assert cells(page, "Eve")["Label"] == servers.MARKUP
        assert cells(page, "in-process")["Label"] == "POSITIVE"
        expect(page.locator(".hl-agreement")).to_contain_text(servers.MARKUP)
        assert page.locator(".gradio-container img[src=x]").count() == 0
        assert page.title() == "Hosting Lab"
        open_tab(page, "report")
        report = page.frame_locator(".hl-report")
        expect(report.locator("body")).to_contain_text(servers.MARKUP)
        assert report.locator("img").count() == 0
        remove(page, "Eve")


def test_on_an_open_page_only_who_knows_the_password_adds_guests(browser, stopped_afterwards):
    with open_demo("--host", "0.0.0.0", HOSTLAB_DEMO_PASSWORD="chalk") as demo:
        url = demo.url
        names = ("/config", "/gradio_api/run/predict", "/gradio_api/queue/join")
        statuses = [
            requests.post(url + name, json={"data": ["http://127.0.0.1:1", "x"]}, timeout=30)
            for name in names[1:]
        ]
        assert {response.status_code for response in statuses} == {401}
        assert "guest-address" not in requests.get(f"{url}/config", timeout=30).text
