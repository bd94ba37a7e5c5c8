"""The variants of exercises: each one is solved by the sample solution, and no other answer is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from deployments.model.classifier import Classifier
from hostlab import METHODS
from hostlab.runtime.language import SETTING
from hostlab.score import record
from hostlab.score.summary import other_variants
from hostlab.score.variant import draw
from hostlab.texts import LANGUAGES
from notebooks.lessons import check_compare, check_defense, check_kubernetes, variant
from notebooks.lessons.check_overview import check_texts_at_once, check_weak_spot
from notebooks.lessons.variant import EXERCISES, Variants
from notebooks.lessons.verdict import Wrong
from tests.notebooks.conftest import named_for
from tests.notebooks.lesson_files import NOTEBOOKS, read

FACTS = pd.DataFrame(
    {
        "p50_ms": [10.0, 11.0, 13.0, 14.5, 12.0],
        "back_by_itself": [False, False, True, True, False],
        "disk_mb": [900.0, 900.0, 1650.0, 1650.0, 80.0],
    },
    index=list(METHODS),
    dtype=object,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_HOME", str(tmp_path))


def cases(exercise: Variants) -> list[int]:
    return list(range(1, len(exercise.values) + 1))


def solve(lesson: str, first: str, **names: Any) -> dict[str, Any]:
    """Run the cell of a solution that has the line `first`, up to its check, and return its names.

    `names` are what the cells above it define.
    """
    cells = read(NOTEBOOKS / "solutions" / f"{lesson}.ipynb").cells
    [source] = [one.source for one in cells if "# SOLUTION" in one.source and first in one.source]
    exec(source.partition("# END")[0], names)
    return names


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda one: one.check)
def test_a_class_gets_all_variants_and_a_student_always_the_same(exercise: Variants) -> None:
    key = exercise.lesson, exercise.check
    assert draw("Anna Petrova", 5, *key) == draw(" anna  petrova ", 5, *key)
    for number in cases(exercise):
        named_for(exercise, number)
        assert exercise.drawn().number == number
        assert exercise.own() == exercise.values[number - 1]
        record.path().unlink()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda one: one.check)
def test_the_notebook_prints_the_students_own(
    exercise: Variants,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(SETTING, language)
    assert str(exercise.show()) in capsys.readouterr().out
    exercise.show()
    assert "hostlab score --name" in capsys.readouterr().out
    record.set_name("Anna Petrova")
    assert str(exercise.show()) in capsys.readouterr().out
    exercise.show()
    assert "hostlab score --name" not in capsys.readouterr().out


class Batches:
    """A model whose batch takes as long as it says, on a clock that only the model advances."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        monkeypatch.setattr("notebooks.lessons.check_overview.time", self)

    def perf_counter(self) -> float:
        return self.now_s

    def predict(self, batch: list[str]) -> None:
        self.now_s += self.batch_ms(len(batch)) / 1000

    @staticmethod
    def batch_ms(size: int) -> float:
        return 4.0 + size


@pytest.mark.parametrize("number", cases(variant.SHARE))
def test_the_right_batch(number: int, verdict: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    named_for(variant.SHARE, number)
    ms_per_text = {size: Batches.batch_ms(size) / size for size in (1, 2, 4, 8, 16, 32, 64)}
    found = {
        share: solve("00_overview", "texts_at_once", ms_per_text=ms_per_text, share_percent=share)[
            "texts_at_once"
        ]
        for share in variant.SHARE.values
    }
    for share, size in found.items():
        output = verdict(check_texts_at_once, size, {}, Batches(monkeypatch))
        expected = "[OK]" if share == variant.SHARE.own() else "[FAIL]"
        assert output.startswith(expected) and f"{variant.SHARE.own()}%" in output, (share, output)


@pytest.mark.parametrize("number", cases(variant.WORD))
def test_a_sentence_with_the_word(number: int, classifier: Classifier, verdict: Callable) -> None:
    named_for(variant.WORD, number)
    for word in variant.WORD.values:
        found = solve("00_overview", "weak_text", classifier=classifier, word=word)
        output = verdict(check_weak_spot, found["weak_text"], found["clue"], classifier)
        own = word == variant.WORD.own()
        assert output.startswith("[OK]" if own else "[FAIL]"), output
        assert own or repr(variant.WORD.own()) in output


@pytest.mark.parametrize("number", cases(variant.UNREADY_S))
def test_a_probe_with_the_seconds(number: int) -> None:
    """Only what the check demands of the probe itself: the rest needs a cluster."""
    named_for(variant.UNREADY_S, number)
    for unready_s in variant.UNREADY_S.values:
        probe = solve("04_kubernetes", "probe", unready_s=unready_s)["probe"]
        if unready_s == variant.UNREADY_S.own():
            check_kubernetes._require_seconds(probe)
        else:
            with pytest.raises(Wrong, match=f"Your number is {variant.UNREADY_S.own()} s"):
                check_kubernetes._require_seconds(probe)
    with pytest.raises(Wrong, match="After 30 s of failures"):
        check_kubernetes._require_seconds({})
    with pytest.raises(Wrong, match="whole numbers: periodSeconds, failureThreshold"):
        check_kubernetes._require_seconds({"periodSeconds": "2"})


class Queue:
    """A service that handles one request after the other, in 10 ms each."""

    url = "http://127.0.0.1:9"

    @staticmethod
    def p95_with(url: str, users: int) -> float:
        return 10.0 * users

    @staticmethod
    def users(measured: dict[int, float], bound_ms: float) -> None:
        """Plot nothing."""


@pytest.mark.parametrize("number", cases(variant.TIMES_P50))
def test_a_number_of_users_below_the_limit(
    number: int, verdict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    named_for(variant.TIMES_P50, number)
    monkeypatch.setattr(check_compare, "p95_with", Queue.p95_with)
    names = {"p95_with": Queue.p95_with, "service": Queue, "plots": Queue}
    bound_ms = variant.TIMES_P50.own() * 10.0
    users = solve("06_compare", "users", bound_ms=bound_ms, **names)["users"]
    output = verdict(check_compare.check_users, users, 10.0, Queue)
    assert output.startswith("[OK]") and f"{bound_ms:.0f} ms" in output
    assert verdict(check_compare.check_users, 3 * users, 10.0, Queue).startswith("[FAIL]")


@pytest.mark.parametrize("number", cases(variant.COMPANY))
def test_a_method_for_the_company(number: int, verdict: Callable) -> None:
    named_for(variant.COMPANY, number)
    for company in variant.COMPANY.values:
        found = solve("06_compare", "method", facts=FACTS, company=company)
        output = verdict(check_defense.check_defense, found["method"], found["figures"], FACTS)
        expected = "[OK]" if company == variant.COMPANY.own() else "[FAIL]"
        assert output.startswith(expected), output


def test_without_docker_the_banks_student_gets_another_company(
    verdict: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    without = FACTS.assign(back_by_itself=[False, False, None, None, False])
    for number, drawn in enumerate(variant.COMPANY.values, start=1):
        named_for(variant.COMPANY, number)
        company = check_defense.your_company(without)
        assert company == ("museum" if drawn == "bank" else drawn)
        assert (f"another one: {company}" in capsys.readouterr().out) == (drawn == "bank")
        found = solve("06_compare", "method", facts=without, company=company)
        output = verdict(check_defense.check_defense, found["method"], found["figures"], without)
        assert output.startswith("[OK]"), output
        record.path().unlink()


def test_the_record_has_the_variant_and_one_of_another_name_is_noticed(
    classifier: Classifier, verdict: Callable
) -> None:
    def solved() -> str:
        found = solve("00_overview", "weak_text", classifier=classifier, word=variant.WORD.own())
        return verdict(check_weak_spot, found["weak_text"], found["clue"], classifier)

    assert solved().startswith("[OK]")
    nameless = variant.WORD.drawn()
    named_for(variant.WORD, nameless.number % nameless.of + 1)
    assert [one.variant for one in other_variants(record.load())] == [nameless]
    assert solved().startswith("[OK]")
    assert [one.variant for one in record.load().outcomes] == [nameless, variant.WORD.drawn()]
    assert other_variants(record.load()) == []
