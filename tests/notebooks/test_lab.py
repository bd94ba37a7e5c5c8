"""`hostlab lab` opens a JupyterLab with the whole project, which asks the internet for nothing."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
import websocket

from hostlab.lab import START, reader_language
from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from hostlab.types import Language

TOKEN = {"token": "test"}


# The shell of a terminal, the reader's locale, and the options for a language.
READERS = {
    "bash": ("/bin/bash", "en_US.UTF-8", ()),
    "no-shell": (None, "ru_RU.UTF-8", ()),
    "chosen": ("/bin/bash", "en_US.UTF-8", ("--language", "ru")),
}


@pytest.fixture(scope="module", params=READERS)
def lab_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("jupyter"), free_port()
    shell, locale, options = READERS[request.param]
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
        *options,
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=test",
    ]
    with open(home / "log", "w") as log:
        lab = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env=_environment(shell) | {"LANG": locale} | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait_for(f"http://127.0.0.1:{port}", lab, home / "log")
    finally:
        started = [] if lab.poll() is not None else psutil.Process(lab.pid).children(recursive=True)
        lab.terminate()
        lab.wait(timeout=30)
        _, left = psutil.wait_procs(started, timeout=30)
        assert not left


def _environment(shell: str | None) -> dict[str, str]:
    """Return this environment with another Python first, as where conda is installed.

    Containers and CI often leave SHELL unset.
    """
    environment = os.environ | {"PATH": f"/usr/bin:{os.environ['PATH']}"}
    # LC_ALL with a locale that the machine lacks would also end Python, in a folder whose name is
    # not ASCII.
    for name in ("SHELL", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        environment.pop(name, None)
    return environment if shell is None else environment | {"SHELL": shell}


def _wait_for(url: str, lab: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + 120
    while lab.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"{url}/api/status", params=TOKEN, timeout=10)
            return url
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not respond:\n{log.read_text()}")


@pytest.fixture(scope="module")
def page(lab_url: str) -> str:
    return requests.get(f"{lab_url}/lab", params=TOKEN, timeout=10).text


def test_the_news_and_the_question_about_them_are_off(page: str) -> None:
    assert '"disabledExtensions": ["@jupyterlab/apputils-extension:announcements"' in page


def test_no_list_of_extensions_is_fetched(page: str) -> None:
    assert '"can_install": false' in page


def test_nothing_on_the_page_comes_from_elsewhere(page: str) -> None:
    assert 'src="http' not in page and 'href="http' not in page


def test_it_opens_the_start_page_in_the_readers_language(
    lab_url: str, request: pytest.FixtureRequest
) -> None:
    start = START[Language.EN if request.node.callspec.params["lab_url"] == "bash" else Language.RU]
    response = requests.get(lab_url, params=TOKEN, timeout=10)
    assert response.url.partition("?")[0] == lab_url + start
    assert (ROOT / start.partition("/tree/")[2]).exists()
    settings = requests.get(
        f"{lab_url}/lab/api/settings/@jupyterlab/docmanager-extension:plugin",
        params=TOKEN,
        timeout=10,
    ).json()
    assert settings["schema"]["properties"]["defaultViewers"]["default"] == {
        "markdown": "Markdown Preview"
    }


def test_the_reader_sees_the_project_without_the_solutions(lab_url: str) -> None:
    def names(folder: str) -> set[str]:
        found = requests.get(f"{lab_url}/api/contents/{folder}", params=TOKEN, timeout=10).json()
        return {one["name"] for one in found["content"]}

    assert {"deployments", "notebooks", "README.md"} <= names("")
    in_notebooks = names("notebooks")
    assert {"start.md", "01_in_process.ipynb"} <= in_notebooks
    assert not in_notebooks & {"solutions", "conftest.py", "make_student.py", "both_versions.py"}
    solved = f"{lab_url}/api/contents/notebooks/solutions/01_in_process.ipynb"
    assert requests.get(solved, params=TOKEN, timeout=10).ok  # for who opens it by its path
    in_russian = names("notebooks/ru")
    assert {"start.md", "01_in_process.ipynb"} <= in_russian and "solutions" not in in_russian


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "en:ru"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_readers_language_is_that_of_the_locale(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert reader_language() == language


@pytest.mark.parametrize(
    ("name", "language"), [("Russian_Russia", "ru"), ("ru_RU", "ru"), ("en_US", "en"), (None, "en")]
)
def test_without_variables_the_system_names_the_locale(
    name: str | None, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (name, "UTF-8"))
    assert reader_language() == language


@pytest.mark.skipif(sys.platform == "win32", reason="The line typed is for a POSIX shell")
def test_a_command_of_a_lesson_works_in_its_terminal(lab_url: str) -> None:
    made = requests.post(f"{lab_url}/api/terminals", params=TOKEN, timeout=30).json()
    address = f"{lab_url.replace('http', 'ws')}/terminals/websocket/{made['name']}?token=test"
    typed = "cd deployments/in_process && python -c 'import service, sys; print(6 * 7, sys.prefix)'"
    terminal, shown = websocket.create_connection(address, timeout=60), ""
    try:
        terminal.send(json.dumps(["stdin", f"{typed}\r"]))
        while f"42 {sys.prefix}" not in shown.replace("\r\n", ""):
            kind, *text = json.loads(terminal.recv())
            shown += text[0] if kind == "stdout" else ""
            assert not re.search("Error|No such file|not found", shown), shown
    finally:
        terminal.close()
