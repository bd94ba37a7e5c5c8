"""The service as a container: the profile `api` of the Compose file, with the key as a secret."""

import os
import subprocess
import time

import pytest
import requests

from hostlab.runtime.paths import ROOT
from hostlab.runtime.ports import free_port
from tests.api.conftest import KEY, ask, assert_problem

pytestmark = pytest.mark.docker
PROJECT = "hosting-lab-api-test"
COMPOSE = [
    "docker",
    "compose",
    "-p",
    PROJECT,
    "-f",
    str(ROOT / "deployments/docker/docker-compose.yml"),
    "--profile",
    "api",
]


def run(*command: str, **settings: str) -> str:
    done = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_key_is_a_secret() -> None:
    port = free_port()
    settings = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_MODEL": "m",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "API_PORT": str(port),
    }
    try:
        run(*COMPOSE, "up", "--build", "--detach", "hosted-api", **settings)
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, run(*COMPOSE, "logs", **settings)
            try:
                if requests.get(f"{url}/health", timeout=2).json()["method"] == "api":
                    break
            except requests.RequestException:
                time.sleep(0.1)
        assert_problem(
            ask(url), 502, "The provider cannot be reached"
        )  # it started, so it has read the key
        container = f"{PROJECT}-hosted-api-1"
        assert run("docker", "exec", container, "cat", "/run/secrets/openai_api_key") == KEY
        assert run("docker", "exec", container, "id", "-u").strip() == "10001"
        for place in (
            ("inspect", container),
            ("history", "--no-trunc", "hosting-lab/hosted-api:1.0"),
            ("logs", container),
            ("exec", container, "env"),
        ):
            assert KEY not in run("docker", *place)
    finally:
        run(*COMPOSE, "down", "--remove-orphans", **settings)
