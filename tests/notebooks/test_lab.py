"""`hostlab lab` opens a JupyterLab that asks the internet for nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from hostlab.runtime.ports import free_port


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("jupyter"), free_port()
    own = {
        name: str(home)
        for name in (
            "HOSTLAB_HOME",
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
        )
    }
    command = [
        sys.executable,
        "-m",
        "hostlab.cli",
        "lab",
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=test",
    ]
    with open(home / "log", "w") as log:
        lab = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env=os.environ | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait_for(f"http://127.0.0.1:{port}/lab?token=test", lab, home / "log")
    finally:
        for process in [*psutil.Process(lab.pid).children(recursive=True), lab]:
            process.terminate()
        lab.wait(timeout=30)


def _wait_for(url: str, lab: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + 120
    while lab.poll() is None and time.monotonic() < deadline:
        try:
            return requests.get(url, timeout=10).text
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not respond:\n{log.read_text()}")


def test_the_news_and_the_question_about_them_are_off(page: str) -> None:
    assert '"disabledExtensions": ["@jupyterlab/apputils-extension:announcements"' in page


def test_no_list_of_extensions_is_fetched(page: str) -> None:
    assert '"can_install": false' in page


def test_nothing_on_the_page_comes_from_elsewhere(page: str) -> None:
    assert 'src="http' not in page and 'href="http' not in page
