"""The way of a request under the results of Compare: measured, alive, and with a dead model."""

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.texts import texts_in
from hostlab import get
from hostlab.palette import VERMILION
from tests.browser.conftest import visit
from tests.browser.steps import PHONE

pytestmark = pytest.mark.browser


def crosses(page: Page) -> Locator:
    return page.locator(f'#way svg:visible line[stroke="{VERMILION}"]')


@pytest.mark.parametrize(
    ("locale", "context"), [("en-GB", {}), ("ru-RU", PHONE)], ids=["English", "Russian, phone"]
)
def test_the_way_shows_the_figures_and_what_is_dead(running_demo, browser, locale, context):
    texts = texts_in("en" if locale == "en-GB" else "ru")
    service = get("separate-process").start()
    with visit(browser, running_demo.url, locale=locale, **context) as visited:
        page = visited.page
        expect(page.locator("#chosen input:checked")).to_have_count(2)
        page.locator("#ask").click()
        expect(page.locator("#results .hl-stage")).to_be_in_viewport()
        expect(page.locator("#ask")).to_be_focused()
        picture = page.locator("#way :is(.hl-wide, .hl-narrow) svg:visible")
        expect(picture).to_be_visible()
        expect(page.locator("#way figure")).to_have_attribute("data-method", "in-process")
        expect(picture).to_contain_text(texts("way.api"))
        sizes = page.locator(".hl-table thead th:visible").evaluate_all(
            "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
        )
        assert all(size >= 15 for size in sizes), "the last row reads the headings"
        page.locator('#way-method input[value="separate-process"]').check()
        expect(page.locator("#way figure")).to_have_attribute("data-method", "separate-process")
        expect(picture).to_contain_text("model_service")
        expect(picture).to_contain_text(texts("way.hops"))
        box = picture.bounding_box()
        assert box and box["x"] + box["width"] <= page.viewport_size["width"], "it is not cut"
        unit = texts("way.ms", ms="")
        figures = [word for word in picture.locator("text").all_text_contents() if unit in word]
        assert len(figures) == 3, "both hops, the queue, and the model"
        expect(crosses(page)).to_have_count(0)

        service.kill()
        expect(crosses(page)).to_have_count(2)
        service.start()
        expect(crosses(page)).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        expect(page.locator("#way-method input:checked")).to_have_value("separate-process")
