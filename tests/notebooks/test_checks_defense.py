"""The check of lesson 06 on defending a choice, given a report of five methods."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hostlab import METHODS
from notebooks.lessons.check_defense import check_defense
from notebooks.lessons.variant import COMPANY
from tests.notebooks.conftest import named_for

COLUMNS = {
    "p50_ms": [10.0, 11.0, 13.0, 14.5, 12.0],
    "back_by_itself": [False, False, True, True, False],
    "disk_mb": [900.0, 900.0, 1650.0, 1650.0, 80.0],
}
FACTS = pd.DataFrame(COLUMNS, index=list(METHODS), dtype=object)
WITHOUT_DOCKER = FACTS.assign(
    back_by_itself=[False, False, None, None, False],
    p50_ms=[10.0, 11.0, float("nan"), float("nan"), 12.0],
    disk_mb=[900.0, 900.0, None, None, 80.0],
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("company", "method", "figures", "expected", "hint"),
    [
        (
            "bank",
            "docker",
            [("back_by_itself", "docker", True), ("back_by_itself", "in-process", False)],
            "[OK]",
            "back_by_itself = True",
        ),
        (
            "museum",
            "api",
            [("disk_mb", "api", 80), ("disk_mb", "docker", 1650)],
            "[OK]",
            "disk_mb = 80",
        ),
        (
            "game",
            "in-process",
            [("p50_ms", "in-process", 10.1), ("p50_ms", "api", 12)],
            "[OK]",
            "2 figures",
        ),
        (
            "game",
            "separate-process",
            [("p50_ms", "separate-process", 11), ("p50_ms", "in-process", 10)],
            "[OK]",
            "",
        ),
        ("museum", "api", ("disk_mb", "api", 80), "[FAIL]", "didn't choose"),
        ("bank", ["docker"], [], "[FAIL]", "It has to be one of: in-process"),
        ("bank", "docker", [(["p50_ms"], "docker", 13)], "[FAIL]", "(column, method, value)"),
        ("game", None, None, "[--]", "your company, game"),
        ("bank", None, [], "[--]", "your company, bank"),
        ("bank", "a mainframe", [], "[FAIL]", "It has to be one of: in-process"),
        ("bank", "docker", [("back_by_itself", "docker")], "[FAIL]", "(column, method, value)"),
        ("bank", "docker", 5, "[FAIL]", "(column, method, value)"),
        ("bank", "docker", [("speed", "docker", 1)], "[FAIL]", "no figure 'speed'"),
        (
            "bank",
            "docker",
            [("back_by_itself", "docker", False)],
            "[FAIL]",
            "Your report says True",
        ),
        ("museum", "api", [("disk_mb", "api", 20)], "[FAIL]", "Your report says 80"),
        ("museum", "api", [("disk_mb", "api", "80")], "[FAIL]", "Your report says 80"),
        ("bank", "kubernetes", [("back_by_itself", "kubernetes", True)], "[FAIL]", "would reject"),
        ("bank", "api", [], "[FAIL]", "would reject"),
        ("bank", "in-process", [("p50_ms", "in-process", 10)], "[FAIL]", "back_by_itself is False"),
        ("museum", "docker", [("disk_mb", "docker", 1650)], "[FAIL]", "500 MB of disk space"),
        ("game", "docker", [("p50_ms", "docker", 13)], "[FAIL]", "install"),
        (
            "bank",
            "docker",
            [("p50_ms", "docker", 13), ("p50_ms", "api", 12)],
            "[FAIL]",
            "meets the main requirement of the bank",
        ),
        ("bank", "docker", [], "[FAIL]", "meets the main requirement of the bank"),
        ("bank", "docker", [("back_by_itself", "docker", True)], "[FAIL]", "didn't choose"),
    ],
)
def test_check_defense(
    company: str, method: Any, figures: Any, expected: str, hint: str, verdict: Callable
) -> None:
    named_for(COMPANY, COMPANY.values.index(company) + 1)
    output = verdict(check_defense, method, figures, FACTS)
    assert output.startswith(expected) and hint in output


@pytest.mark.parametrize(
    ("company", "method", "figures", "hint"),
    [
        ("museum", "docker", [], "can't defend what you haven't measured"),
        ("game", "in-process", [("p50_ms", "docker", 13)], "wasn't measured on this machine"),
        ("game", "in-process", [("p50_ms", "in-process", 10), ("p50_ms", "api", 12)], "[OK]"),
        ("bank", "in-process", [], "500 MB of disk space"),  # it's the museum instead
    ],
)
def test_check_defense_where_docker_is_missing(
    company: str, method: str, figures: Any, hint: str, verdict: Callable
) -> None:
    named_for(COMPANY, COMPANY.values.index(company) + 1)
    assert hint in verdict(check_defense, method, figures, WITHOUT_DOCKER)
