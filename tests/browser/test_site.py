"""The course as a site opens from a folder, complete, and requests nothing from anywhere."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from hostlab.texts import LANGUAGES
from notebooks.site.execution import execute
from notebooks.site.pages import lessons, write_site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with lesson 00 executed; `make site` executes all, which takes many minutes."""
    executed = {
        path: nbformat.read(path, as_version=4)
        for language in LANGUAGES
        for path in lessons(language)
    }
    first = lessons("en")[0]
    executed[first] = execute(first)
    folder = tmp_path_factory.mktemp("a folder") / "сайт"
    write_site(folder, executed)
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network; nothing that it opens may complain or request anything else."""
    found: list[str] = []
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(request.url))
    page.on("request", lambda request: found.extend(_elsewhere(request.url)))
    yield page
    context.close()
    assert not found


def _elsewhere(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [url]


def test_every_page_is_drawn_and_every_link_leads_to_a_file(site: Path, page: Page) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 2 * len(lessons("en"))
    for path in pages:
        page.goto(path.as_uri())
        diagrams = page.locator("pre.mermaid")
        for number in range(diagrams.count()):
            diagrams.nth(number).locator("svg").wait_for()
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        files = [unquote(urlsplit(link).path) for link in links if link.startswith("file:")]
        assert [file for file in files if not Path(file).is_file()] == [], path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_page_to_the_last_and_to_the_other_language(
    language: str, site: Path, page: Page
) -> None:
    page.goto((site / ("" if language == "en" else language) / "index.html").as_uri())
    for path in lessons(language):
        page.locator("a[rel=next]").click()
        assert page.url.endswith(f"{path.stem}.html")
        assert page.locator("html").get_attribute("lang") == language
    assert page.locator("a[rel=next]").count() == 0
    file = page.url.rpartition("/")[2]
    [other] = set(LANGUAGES) - {language}
    page.locator(f"a[hreflang={other}]").click()
    assert page.locator("html").get_attribute("lang") == other and page.url.endswith(file)


def test_an_executed_lesson_shows_its_results_and_says_when_it_ran(site: Path, page: Page) -> None:
    page.goto((site / "00_overview.html").as_uri())
    assert page.locator("p.executed").inner_text().startswith("Executed on 20")
    assert page.locator(".jp-RenderedImage img, .jp-RenderedSVG svg").count() >= 2  # the plots
    solution = page.locator("details.solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
