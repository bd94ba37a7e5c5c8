"""The settings of the method `api`: which are accepted, and the messages for the others."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.api.base_address import check_base_url, is_local
from deployments.api.config import LOCAL_KEY, LOCAL_URL, ProviderSettings
from hostlab.runtime.paths import ROOT
from tests.api.conftest import environment

PROGRAM = ROOT / "deployments" / "api" / "api_service.py"
SECRET = "sk-of-somebody"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_BASE_URL",
        "OPENAI_API_KEY",
        "OPENAI_API_KEY_FILE",
        "OPENAI_MODEL",
        "API_ROUTE",
        "API_LABELS",
        "API_PRICES",
        "API_CONCURRENCY",
        "API_QUESTION",
    ):
        monkeypatch.delenv(name, raising=False)


def test_the_local_provider_is_the_default() -> None:
    settings = ProviderSettings.from_environment()
    assert (settings.base_url, settings.key, settings.model, settings.labels, settings.local) == (
        LOCAL_URL,
        LOCAL_KEY,
        None,
        None,
        True,
    )


def test_the_key_is_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    settings = ProviderSettings.from_environment()
    assert settings.key == SECRET and SECRET not in repr(settings)


def test_the_key_as_a_secret_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1/")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    settings = ProviderSettings.from_environment()
    assert (settings.key, settings.base_url, settings.local) == (
        SECRET,
        "https://api.openai.com/v1",
        False,
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"OPENAI_BASE_URL": "https://api.openai.com/v1"}, "OPENAI_API_KEY is not set"),
        (
            {"OPENAI_BASE_URL": "https://api.openai.com/v1", "OPENAI_API_KEY_FILE": "/nowhere/key"},
            "/nowhere/key, which cannot be read",
        ),
        ({"OPENAI_BASE_URL": "api.openai.com"}, "OPENAI_BASE_URL must be an address"),
        (
            {"OPENAI_BASE_URL": f"https://me:{SECRET}@api.example.com/v1"},
            "without a user or password",
        ),
        ({"OPENAI_BASE_URL": "http://localhost:99999/v1"}, "Port out of range"),
        ({"OPENAI_BASE_URL": "http://localhost:0/v1"}, "names no server"),
        ({"OPENAI_BASE_URL": "http://[::1/v1"}, "Invalid IPv6 URL"),
        ({"OPENAI_BASE_URL": "http:///v1"}, "names no server"),
        ({"OPENAI_BASE_URL": "http://local host/v1"}, "names no server"),
        ({"OPENAI_BASE_URL": "http://local..host/v1"}, "names no server"),
        ({"OPENAI_BASE_URL": f"https://api.example.com/v1?key={SECRET}"}, "Set OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "https://api.example.com/v1#top"}, "may not contain '#'"),
        (
            {"OPENAI_BASE_URL": "http://localhost:1234/v1/chat/completions"},
            "Set it to http://localhost:1234/v1.",
        ),
        ({"OPENAI_BASE_URL": "http://localhost:1234/v1/models/"}, "ends in /models"),
        ({"OPENAI_MODEL": "m\x1b[31m"}, "OPENAI_MODEL contains"),
        ({"OPENAI_MODEL": os.fsdecode(b"m\xff")}, "OPENAI_MODEL contains"),
        ({"API_LABELS": "good,b\x1bad"}, "API_LABELS contains"),
        ({"API_QUESTION": os.fsdecode(b"\xff?")}, "API_QUESTION contains"),
        ({"OPENAI_API_KEY": f"{SECRET} x"}, "never part of a key"),
        ({"OPENAI_API_KEY": f"{SECRET}é"}, "never part of a key"),
        ({"API_ROUTE": "magic"}, "decisions, chat, systemone, plain"),
        ({"API_LABELS": "one"}, "two or more different labels"),
        ({"API_LABELS": "one,ONE"}, "two or more different labels"),
        ({"API_PRICES": "/nowhere.toml"}, "/nowhere.toml cannot be used"),
        ({"API_CONCURRENCY": "0"}, "from 1 to 256"),
    ],
)
def test_invalid_settings_end_the_program_with_a_message(
    settings: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PROGRAM), run_name="__main__")
    # Python prints a text that a program exits with, and the status is 1.
    assert isinstance(ended.value.code, str)
    assert message in ended.value.code and SECRET not in ended.value.code


@pytest.mark.parametrize(
    "address",
    [
        "https://mine.openai.azure.com/openai?api-version=2024-10-21",
        "https://mine.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
        "http://[::1]:8000/v1",
        "http://under_score:8000/v1",
        "http://пример.рф/v1",
        "http://localhost/models/v1",
    ],
)
def test_addresses_that_work(address: str) -> None:
    assert check_base_url(f" {address} ") == address


def test_the_program_prints_the_message_and_no_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM)],
        env=environment(OPENAI_API_KEY=f"{SECRET} x"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1 and "never part of a key" in ended.stderr
    assert "Traceback" not in ended.stderr and SECRET not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:11434/v1", True),
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.7:8000/v1", True),
        ("http://provider:5001/v1", True),
        ("http://host.docker.internal:11434/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://localhost.example.com/v1", False),
    ],
)
def test_local(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_local_servers_do_not_get_the_users_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    ProviderSettings.from_environment()
    assert "OPENAI_ORG_ID" not in os.environ
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    ProviderSettings.from_environment()
    assert os.environ["OPENAI_ORG_ID"] == "org"
