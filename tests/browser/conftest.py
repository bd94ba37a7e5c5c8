"""The demo as a user opens it: `hostlab demo` in a process of its own, and Chromium."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from hostlab import get
from hostlab.doctor.tools import CHROMIUM
from tests.browser import without_network_changes
from tests.open_demo import Demo, open_demo

# A model takes long to load on a busy machine, and no test here measures time.
expect.set_options(timeout=120_000)

# A name under which a reader on another machine would open the page
ELSEWHERE = "class.example"


@pytest.fixture
def demo() -> Iterator[Demo]:
    with open_demo() as demo:
        yield demo


@pytest.fixture(scope="module")
def _shared_demo() -> Iterator[Demo]:
    get("in-process").start()
    with open_demo() as demo:
        yield demo
    get("in-process").stop()


@pytest.fixture
def running_demo(_shared_demo: Demo) -> Iterator[Demo]:
    """A demo that several tests share, because it takes seconds to open.

    At the beginning of each test, in-process runs, and separate-process does not.
    """
    get("in-process").start()
    yield _shared_demo
    get("separate-process").stop()


# Not longer than a module: while the browser is open, an event loop runs in this thread, and
# asyncio.run() in a later file would fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)))
    # Chromium has no sandbox for root, who runs tests in containers.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    arguments.append(f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1")
    # A proxy would look for that name elsewhere.
    environment = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }
    if sys.platform == "linux":
        environment[without_network_changes.PROGRAM] = executable
        executable = without_network_changes.__file__
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=arguments, env=environment
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, its requests to other hosts, and the errors in its console."""

    page: Page
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    answered: int = 0  # events of the page that is open

    def open(self, url: str) -> None:
        """Open `url`, and wait for its login, or for the page and the first look at what runs.

        The page's first event draws its controls once more, and what was clicked before is lost.
        """
        # Up to here, the errors are those of the page that is left: its streams break off.
        self.page.goto(url, wait_until="commit")
        self.errors.clear()
        self.answered = 0
        expect(self.page.locator("#results p, input[type=password]").first).to_be_attached()
        while self.answered < 2 and not self.page.locator("input[type=password]").count():
            self.page.wait_for_timeout(100)


@contextlib.contextmanager
def visit(browser: Browser, url: str, **context: object) -> Iterator[Visit]:
    """Open `url` as a reader does; at the end, check for external requests and console errors."""
    with browser.new_context(
        **{"locale": "en-GB", "viewport": {"width": 1366, "height": 768}} | context
    ) as opened:
        visited = Visit(opened.new_page())
        own = urlsplit(url).netloc

        def on_request(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("data", "blob") and address.netloc != own:
                visited.external.append(request.url)

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                visited.errors.append(message.text)

        def on_response(response: Response) -> None:
            visited.answered += response.url.endswith("/run/predict")

        opened.on("request", on_request)
        opened.on("response", on_response)
        opened.on("console", on_console)
        opened.on("weberror", lambda error: visited.errors.append(str(error.error)))
        visited.page.set_default_timeout(120_000)
        visited.open(url)
        yield visited
        assert visited.external == []
        assert visited.errors == []


@pytest.fixture
def stopped_afterwards() -> Iterator[None]:
    """Stop what the page's buttons started, because that runs until it is stopped."""
    yield
    for method in ("in-process", "separate-process"):
        get(method).stop()
