"""The demo behind nginx, with the configuration of demo/README.md, opened from another machine."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

from hostlab import get
from hostlab.http import local_session
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from tests.browser.conftest import ELSEWHERE, visit
from tests.browser.steps import ask, card, cells, done, log_in, open_tab, text_box
from tests.conftest import nginx, require
from tests.open_demo import Demo, open_demo

pytestmark = pytest.mark.browser

PASSWORD = "a word for the class"
(LOCATION,) = re.findall(
    r"```nginx\n(.*?)```", (ROOT / "demo" / "README.md").read_text("utf-8"), re.DOTALL
)
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location = /favicon.ico {{ return 204; }}  # the site's own, which every browser asks for
        {location}
    }}
}}
"""


@pytest.fixture
def demo() -> Iterator[Demo]:
    require("nginx", named="browser")
    with open_demo("--root-path", "/demo", HOSTLAB_DEMO_PASSWORD=PASSWORD) as demo:
        yield demo


@pytest.fixture
def address(demo: Demo, tmp_path: Path) -> Iterator[str]:
    """Where a reader on another machine opens the page."""
    port, behind = free_port(), LOCATION.replace("127.0.0.1:7860", urlsplit(demo.url).netloc)
    assert behind != LOCATION
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=tmp_path, port=port, location=behind))
    program = subprocess.Popen([nginx(), "-c", configuration, "-e", "stderr"])
    try:
        _wait_for(f"http://127.0.0.1:{port}/demo/")
        yield f"http://{ELSEWHERE}:{port}/demo/"
    finally:
        program.terminate()
        program.wait(timeout=10)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    with local_session() as session:
        while True:
            try:
                assert session.get(url, timeout=5).status_code == 200
                return
            except requests.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)


def test_the_page_works_under_the_path_and_links_lead_nowhere_wrong(
    address: str, browser, tmp_path: Path
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("A lovely film.\n")
    with visit(browser, address) as visited:
        page = visited.page
        log_in(page, PASSWORD)
        ask(page, "I hated every minute of it.")
        done(page)
        assert cells(page, "in-process")["Label"] == "NEGATIVE"
        page.locator("#tab-compare input[type=file]").set_input_files(file)
        expect(text_box(page)).to_have_value("A lovely film.")
        page.get_by_role("radio", name="Русский").check()
        card(page, "in-process", "running")
        shown = page.locator("#card-in-process")
        expect(shown).to_contain_text(get("in-process").url)
        expect(shown).to_contain_text("открывается только на машине")
        expect(shown.locator("a")).to_have_count(0)
        page.reload()
        open_tab(page, "compare")
        expect(page.locator("#results")).to_contain_text("NEGATIVE")
