"""The Dialogue tab: a conversation with a change of the method and a kill in the middle."""

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.texts import texts_in
from deployments.dialogue import bot
from hostlab import get
from tests.browser.conftest import visit
from tests.browser.steps import PHONE, open_tab

pytestmark = pytest.mark.browser

EN, RU = texts_in("en"), texts_in("ru")


@pytest.fixture(autouse=True)
def _separate_process(running_demo: object) -> None:
    get("separate-process").start()


def say(page: Page, text: str) -> Locator:
    """Send a message, and return the trace of the bot's reply."""
    traces = page.locator("#dialogue-chat .hl-trace")
    known = traces.count()
    page.locator("#dialogue-text textarea").fill(text)
    page.locator("#dialogue-text textarea").press("Enter")
    expect(traces).to_have_count(known + 1)
    return traces.last


def choose(page: Page, method: str, state: str) -> None:
    page.locator(f'#dialogue-method input[value="{method}"]').check()
    in_state(page, method, state)


def in_state(page: Page, method: str, state: str) -> None:
    shown = page.locator(f'#dialogue-state [data-method="{method}"]')
    expect(shown).to_have_attribute("data-state", state)


def replies(page: Page) -> Locator:
    return page.locator("#dialogue-chat .bot.message > .message:not(.component)")


@pytest.mark.parametrize(
    ("locale", "context"), [("en-GB", {}), ("ru-RU", PHONE)], ids=["English", "Russian, phone"]
)
def test_a_dialogue_survives_a_kill_and_a_change_of_the_method(
    running_demo, browser, locale, context
):
    texts, language = (EN, "en") if locale == "en-GB" else (RU, "ru")
    with visit(browser, running_demo.url, locale=locale, **context) as visited:
        page = visited.page
        open_tab(page, "dialogue")
        in_state(page, "in-process", "running")
        expect(replies(page)).to_have_text([bot.generate(None, language)])
        trace = say(page, "I saw Alien")
        expect(trace).to_contain_text(texts("dialogue.not_asked"))
        expect(replies(page).last).to_contain_text("Alien")

        choose(page, "separate-process", "running")
        trace = say(page, "It was wonderful, from start to finish.")
        expect(trace).to_contain_text(texts.title("separate-process"))
        expect(trace).to_contain_text(f"POSITIVE {texts.number('0.9')}")
        expect(trace).to_contain_text("ask_opinion + glad → ask_reason")
        expect(trace).to_contain_text("cheer")

        page.locator("#dialogue-kill").click()
        in_state(page, "separate-process", "failed")
        trace = say(page, "Every minute of it.")
        expect(trace).to_have_attribute("data-failure", "failed")
        expect(trace).to_contain_text("ask_reason + unknown → ask_film")
        fallback = bot.generate(get_turn("ask_reason", "fallback_next"), language)
        expect(replies(page).last).to_have_text(fallback)

        say(page, "The Thing")
        trace = say(page, "I hated every minute of it.")
        expect(trace).to_contain_text("ask_opinion + unknown → ask_reason")
        choose(page, "in-process", "running")
        trace = say(page, "It was dull and far too long.")
        expect(trace).to_contain_text("NEGATIVE")
        expect(trace).to_contain_text(texts.title("in-process"))
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

        choose(page, "separate-process", "failed")
        page.locator("#dialogue-start").click()
        in_state(page, "separate-process", "running")
        say(page, "The Thing")
        expect(say(page, "I hated every minute of it.")).to_contain_text("console")


def get_turn(before: bot.State, template: str) -> bot.DialogueTurn:
    meaning = bot.Meaning("unknown")
    return bot.DialogueTurn("", meaning, before, "ask_film", template, "Alien")


def test_markup_is_shown_as_typed_and_the_conversation_stays_until_a_new_one(running_demo, browser):
    with visit(browser, running_demo.url) as visited:
        page = visited.page
        open_tab(page, "dialogue")
        page.locator("#dialogue-send").click()
        expect(page.locator("#dialogue-notice")).to_contain_text("There is no message")
        say(page, "<b>Alien</b> <img src=x>")
        expect(replies(page).last).to_contain_text("<b>Alien</b> <img src=x>")
        assert page.locator("#dialogue-chat :is(b, img):not(.hl-trace *)").count() == 0
        say(page, "Очень понравилось, прекрасный фильм!")
        expect(page.locator("#dialogue-notice")).to_contain_text("does not look like English")

        visited.open(running_demo.url)
        open_tab(page, "dialogue")
        expect(page.locator("#dialogue-chat .hl-trace")).to_have_count(2)
        page.get_by_role("radio", name="Русский").click()
        expect(replies(page).first).to_have_text(bot.generate(None, "ru"))
        page.get_by_role("radio", name="English").click()
        expect(replies(page).first).to_have_text(bot.generate(None, "en"))
        page.locator("#dialogue-again").click()
        expect(page.locator("#dialogue-chat .hl-trace")).to_have_count(0)
        expect(replies(page)).to_have_text([bot.generate(None, "en")])
        with visit(browser, running_demo.url) as other:
            open_tab(other.page, "dialogue")
            expect(other.page.locator("#dialogue-chat .hl-trace")).to_have_count(0)
