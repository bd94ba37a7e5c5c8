"""The demo as a user opens it: `hostlab demo` in a process of its own, and Chromium."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from hostlab import get
from hostlab.doctor.tools import CHROMIUM
from tests.open_demo import Demo, open_demo

# A model takes long to load on a busy machine, and no test here measures time.
expect.set_options(timeout=120_000)

# A name under which a reader on another machine would open the page
ELSEWHERE = "class.example"

# Chromium's error when an address comes or goes, as one does with every container
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
ABORTED = ("AbortError", "Connection errored out")  # what the page reports then


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
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, its requests to other hosts, and the errors in its console."""

    page: Page
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    aborted: int = 0  # requests that Chromium itself aborted

    def open(self, url: str) -> None:
        """Open `url`; try again if a starting container made Chromium abort the requests."""
        for _ in range(10):
            # Up to here, the errors are those of the page that is left: its streams break off.
            self.page.goto(url, wait_until="commit")
            self.aborted = 0
            self.errors.clear()
            until = time.monotonic() + 120
            while time.monotonic() < until and not self.aborted:
                if self.page.locator("#results p, input[type=password]").count():
                    return
                self.page.wait_for_timeout(200)
        raise AssertionError(f"{url} did not open: {self.errors}")


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

        def on_failure(request: Request) -> None:
            visited.aborted += NETWORK_CHANGED in (request.failure or "")

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and NETWORK_CHANGED not in message.text:
                visited.errors.append(message.text)

        opened.on("request", on_request)
        opened.on("requestfailed", on_failure)
        opened.on("console", on_console)
        opened.on("weberror", lambda error: visited.errors.append(str(error.error)))
        visited.page.set_default_timeout(120_000)
        visited.open(url)
        yield visited
        assert visited.external == []
        # The page rightly reports a stream that Chromium aborted because a container started.
        assert [
            error
            for error in visited.errors
            if not (visited.aborted and any(one in error for one in ABORTED))
        ] == []


@pytest.fixture
def stopped_afterwards() -> Iterator[None]:
    """Stop what the page's buttons started, because that runs until it is stopped."""
    yield
    for method in ("in-process", "separate-process"):
        get(method).stop()
