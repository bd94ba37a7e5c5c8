"""The checks of the final project: right and wrong choices, with services that really run."""

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostlab import METHODS, running
from hostlab.runtime.language import SETTING
from hostlab.score import record
from hostlab.texts import LANGUAGES
from notebooks.lessons import texts
from notebooks.lessons.check_project import check_choice, check_rival, check_ruled_out
from notebooks.lessons.project import COMPANIES, company_of, description, your_company

BAKERY, CLINIC, BANK, SHOP = (COMPANIES[name] for name in ("bakery", "clinic", "bank", "shop"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))


def test_a_student_always_gets_the_same_company_and_a_class_gets_all_of_them() -> None:
    assert company_of("Anna Petrova") == company_of(" anna  petrova ")
    drawn = Counter(company_of(f"Student {number}").name for number in range(60))
    assert drawn.keys() == COMPANIES.keys() and max(drawn.values()) < 20


def test_the_record_says_whose_company_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    your_company()
    assert "hostlab score --name" in capsys.readouterr().out
    record.set_name("Anna Petrova")
    assert your_company() == company_of("Anna Petrova")
    assert "hostlab score --name" not in capsys.readouterr().out


@pytest.mark.parametrize("name", COMPANIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_company_is_described_and_rejects_some_methods(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, language)
    company = COMPANIES[name]
    assert set(company.rules_out) < METHODS.keys()
    text = description(company)
    assert all(f"`{bound}`" in text for bound in company.bounds) and "{" not in text
    if "memory_mb" in company.bounds:  # a simulation says nothing about memory
        assert {"docker", "kubernetes"} <= set(company.rules_out)
    file = Path(texts.__file__).parent / language / "project.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    assert all(name in tables[table] for table in ("titles", "stories", "reasons"))


@pytest.mark.parametrize(
    ("ruled_out", "expected", "hint"),
    [
        ({"kubernetes", "api"}, "[OK]", "These are the ones. api would send"),
        (["api", "kubernetes"], "[OK]", ""),
        (None, "[--]", "ruled_out"),
        ({"api"}, "[FAIL]", "rejects 2 of the five"),
        ({"api", "kubernetes", "docker"}, "[FAIL]", "Nothing in the description forbids docker"),
        ({"mainframe"}, "[FAIL]", "They are: in-process"),
        ("api", "[FAIL]", "They are: in-process"),
    ],
)
def test_check_ruled_out(ruled_out: Any, expected: str, hint: str, verdict: Callable) -> None:
    output = verdict(check_ruled_out, ruled_out, CLINIC)
    assert output.startswith(expected) and hint in output


@pytest.mark.parametrize(
    ("choice", "expected", "hint"),
    [
        (None, "[--]", "a method, an engine, and a number of replicas"),
        ("in-process", "[FAIL]", "three parts"),
        (("mainframe", "auto", 1), "[FAIL]", "It has to be one of: in-process"),
        (("kubernetes", "auto", 2), "[FAIL]", "rejects kubernetes"),
        (("in-process", "steam", 1), "[FAIL]", "in-process can have: auto"),
        (("docker", "torch", 1), "[FAIL]", "docker can have: auto, onnx"),
        (("in-process", "onnx", 2), "[FAIL]", "a whole number from 1 to 1"),
        (("docker", "auto", True), "[FAIL]", "a whole number from 1 to 4"),
    ],
)
def test_a_choice_that_can_not_be_started(
    choice: Any, expected: str, hint: str, verdict: Callable
) -> None:
    output = verdict(check_choice, choice, BANK)
    assert output.startswith(expected) and hint in output
    assert verdict(check_rival, choice, "lost_percent", BANK).startswith(expected)


def test_a_right_choice_and_a_wrong_one_for_the_clinic(verdict: Callable) -> None:
    """The API service responds while the model is dead; one process doesn't."""
    output = verdict(check_choice, ("separate-process", "onnx", 1), CLINIC)
    assert output.startswith("[OK]") and "without any response 0% of 5%" in output
    output = verdict(check_choice, ("in-process", "onnx", 1), CLINIC)
    assert output.startswith("[FAIL]")
    assert "without any response" in output and "TOO MUCH" in output
    assert running() == []
    assert [one.verdict for one in record.load().outcomes] == ["OK", "FAIL"]


def test_what_nobody_restarts_stays_down(verdict: Callable) -> None:
    output = verdict(check_rival, ("in-process", "onnx", 1), "lost_percent", BANK)
    assert output.startswith("[OK]") and "TOO MUCH" in output


def test_a_second_process_needs_too_much_memory(verdict: Callable) -> None:
    output = verdict(check_choice, ("separate-process", "onnx", 1), BAKERY)
    assert output.startswith("[FAIL]") and "MB of 230 MB" in output


def test_an_outage_of_the_provider_loses_too_much_for_a_sale(verdict: Callable) -> None:
    output = verdict(check_choice, ("api", "auto", 1), SHOP)
    assert output.startswith("[FAIL]") and "of 5%" in output and "TOO MUCH" in output
    assert running() == []


def test_without_docker_its_replicas_are_simulated(verdict: Callable) -> None:
    output = verdict(check_choice, ("docker", "auto", 2), SHOP)
    assert output.startswith("[OK]") and "(simulated, because" in output
    output = verdict(check_choice, ("docker", "auto", 1), SHOP)
    assert output.startswith("[FAIL]") and "(simulated, because" in output
    rival = verdict(check_rival, ("docker", "auto", 2), "lost_percent", SHOP)
    assert rival.startswith("[FAIL]") and "good enough in that respect" in rival
    assert "The company's bounds are: p95_ms" in verdict(
        check_rival, ("docker", "auto", 1), "cost_month", SHOP
    )
