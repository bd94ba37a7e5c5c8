"""Run the service of the method `api` as a process, in front of any provider.

No log of it may contain the key.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import openai
import pytest
import requests

from deployments.api.config import LOCAL_KEY
from hostlab.runtime.paths import ROOT, python_path
from hostlab.runtime.ports import free_port
from tests.api.scripted import ScriptedProvider

KEY = "sk-secret-0123456789-never-to-be-seen"
TOKEN = "the-admin"
Service = Callable[..., AbstractContextManager[str]]


def environment(**settings: str) -> dict[str, str]:
    """Return an environment without the user's settings for a provider."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "API_", "PROVIDER_"))
    }
    return clean | {"PYTHONPATH": python_path(), "PYTHONUNBUFFERED": "1", "DRAIN_S": "0"} | settings


@contextlib.contextmanager
def program(path: Path | list[str], log: Path, answers_at: str, **settings: str) -> Iterator[None]:
    """Run a Python program until the block ends. It has started once `answers_at` responds."""
    command = [sys.executable, str(path)] if isinstance(path, Path) else path
    with open(log, "ab") as out:
        process = subprocess.Popen(
            command,
            env=environment(**settings),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
    try:
        deadline = time.monotonic() + 240  # LiteLLM computes for 20 s, on a busy machine
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            with contextlib.suppress(requests.RequestException):
                if requests.get(answers_at, timeout=2).status_code == 200:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@pytest.fixture(scope="module")
def run_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start api_service.py with settings, and return its address. No log may contain the key."""
    folder = tmp_path_factory.mktemp("logs")

    @contextlib.contextmanager
    def run(**settings: str) -> Iterator[str]:
        url = f"http://127.0.0.1:{(port := free_port())}"
        with program(
            ROOT / "deployments/api/api_service.py",
            folder / f"{port}.log",
            f"{url}/health",
            PORT=str(port),
            **{"OPENAI_API_KEY": KEY} | settings,
        ):
            yield url

    yield run
    logs = [file.read_text() for file in folder.glob("*.log")]
    assert any("request_id" in log for log in logs), "the services log their requests"
    assert not any(KEY in log for log in logs), "a log contains the key"


@pytest.fixture(scope="module")
def provider() -> Iterator[ScriptedProvider]:
    scripted = ScriptedProvider()
    yield scripted
    scripted.stop()


def ask(url: str, text: object = "good", **arguments: object) -> requests.Response:
    """Send POST /predict. The response never contains the key."""
    answer = requests.post(f"{url}/predict", json={"text": text}, timeout=60, **arguments)
    assert KEY not in answer.text and not any(KEY in value for value in answer.headers.values())
    return answer


def assert_problem(answer: requests.Response, status: int, title: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (status, title), problem
    assert len(problem["detail"]) > 60, "it says what happened and what to do next"
    return problem


@pytest.fixture(scope="module")
def provider_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the local provider, and return its address."""
    port, log = free_port(), tmp_path_factory.mktemp("provider") / "provider.log"
    url = f"http://127.0.0.1:{port}/v1"
    with program(
        ROOT / "deployments/api/stand_in/provider.py",
        log,
        f"http://127.0.0.1:{port}/health",
        PORT=str(port),
        PROVIDER_ADMIN_TOKEN=TOKEN,
    ):
        with openai.OpenAI(base_url=url, api_key=LOCAL_KEY, max_retries=20) as client:
            client.models.list()  # repeats until the model is loaded
        yield url
    assert LOCAL_KEY not in log.read_text() and TOKEN not in log.read_text()


def set_behavior(
    provider_url: str, key: str = LOCAL_KEY, token: str = TOKEN, **behavior: object
) -> requests.Response:
    """Set the behavior of the local provider for one key, as an admin."""
    url = provider_url.removesuffix("/v1") + "/admin/behavior"
    return requests.put(
        url,
        json=behavior,
        params={"key": key},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
