"""The demo as a user opens it: `hostlab demo`, in a process of its own, and Chromium in front of it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from demo.texts import texts_in
from hostlab.runtime.paths import python_path
from hostlab.runtime.ports import free_port

NETWORK_CHANGED = "ERR_NETWORK_CHANGED"  # Chromium's complaint when an address comes or goes, as one does with every container
BROKEN_OFF = ("AbortError", "Connection errored out")  # what the page says then
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Demo:
    """A demo that runs, and what it has written so far."""

    url: str
    process: subprocess.Popen
    lines: list[str] = field(default_factory=list)

    def said(self) -> str:
        return "".join(self.lines)

    def end(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.reader.join(timeout=10)
        return status

    def read(self) -> None:
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(self.process.stdout), daemon=True
        )
        self.reader.start()


@contextlib.contextmanager
def open_demo(*options: str, **environment: str) -> Iterator[Demo]:
    port = free_port()
    command = [sys.executable, "-m", "hostlab.cli", "demo", "--port", str(port), *options]
    # what runs in Docker or in a cluster is everybody's: with it, the page would show what no test here has started
    alone = {"DOCKER_HOST": "tcp://127.0.0.1:9", "KUBECONFIG": os.devnull}
    environment = (
        os.environ | {"PYTHONPATH": python_path(), "PYTHONUNBUFFERED": "1"} | alone | environment
    )
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    demo = Demo(f"http://127.0.0.1:{port}", process)
    demo.read()
    try:
        deadline = time.monotonic() + 120
        while "The demo is at" not in demo.said():
            assert process.poll() is None, f"the demo ended at once: {demo.said()}"
            assert time.monotonic() < deadline, f"the demo did not open: {demo.said()}"
            time.sleep(0.1)
        yield demo
    finally:
        if process.poll() is None:
            demo.end()


@pytest.fixture
def demo() -> Iterator[Demo]:
    with open_demo() as demo:
        yield demo


@pytest.fixture(
    scope="module"
)  # no longer: while it is open an event loop runs here, and asyncio.run() in a later file fails
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)))
    # Chromium refuses its sandbox to root, who runs tests in containers
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page and what the browser itself tells of it: requests to anybody else, errors in its console."""

    page: Page
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    broken: int = 0  # requests that Chromium broke off itself

    def open(self, url: str) -> None:
        """Open `url`, again where a container that starts on this machine has made Chromium break off what it was loading."""
        for _ in range(10):
            self.broken = 0
            self.errors.clear()
            self.page.goto(url)
            until = time.monotonic() + 120
            while time.monotonic() < until and not self.broken:
                if self.page.locator("#results p, input[type=password]").count():
                    return
                self.page.wait_for_timeout(200)
        raise AssertionError(f"{url} did not open: {self.errors}")


@contextlib.contextmanager
def visit(browser: Browser, url: str, **context: object) -> Iterator[Visit]:
    """Open `url` as a reader would. On the way out: nobody else was asked for anything, and nothing was complained of."""
    with browser.new_context(
        **{"locale": "en-GB", "viewport": {"width": 1366, "height": 768}} | context
    ) as opened:
        visited = Visit(opened.new_page())
        own = urlsplit(url).netloc

        def asked(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("data", "blob") and address.netloc != own:
                visited.elsewhere.append(request.url)

        def failed(request: Request) -> None:
            visited.broken += NETWORK_CHANGED in (request.failure or "")

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and NETWORK_CHANGED not in message.text:
                visited.errors.append(message.text)

        opened.on("request", asked)
        opened.on("requestfailed", failed)
        opened.on("console", said)
        opened.on("weberror", lambda error: visited.errors.append(str(error.error)))
        visited.page.set_default_timeout(120_000)
        visited.open(url)
        yield visited
        assert visited.elsewhere == []
        # of a stream that Chromium broke off itself, because a container started, the page rightly complains
        assert [
            error
            for error in visited.errors
            if not (visited.broken and any(said in error for said in BROKEN_OFF))
        ] == []


def open_tab(page: Page, name: str) -> None:
    """Open a tab of the page. On a phone the last ones are behind a button at the end of the row."""
    page.locator("#tab-compare-button").wait_for()
    button = page.locator(f"#tab-{name}-button")
    if not button.count():
        page.locator(".overflow-menu > button").click()
        said = texts_in(page.evaluate("document.documentElement.lang"))
        button = page.locator(".overflow-dropdown button", has_text=said(f"tabs.{name}"))
    button.click()
