"""What a check prints, and when it raises an error."""

from collections.abc import Callable

import pytest

from hostlab import get
from hostlab.deployment import Deployment
from notebooks.lessons.guesses import your_guess
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, require, run


@check
def check_solved() -> str:
    return "It works."


@check
def check_unsolved() -> str:
    raise NotSolved("Write the body.")


@check
def check_wrong() -> str:
    raise Wrong("It does not work.")


def test_a_verdict_is_one_printed_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    check_solved()
    check_unsolved()
    check_wrong()
    assert capsys.readouterr().out.splitlines() == [
        "[OK] It works.",
        "[--] not solved yet. Write the body.",
        "[FAIL] It does not work.",
    ]


def test_another_verdict_than_the_expected_one_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOSTLAB_LESSON_CHECKS", "[OK]")
    check_solved()
    with pytest.raises(AssertionError, match="not solved yet"):
        check_unsolved()
    with pytest.raises(AssertionError, match="FAIL"):
        check_wrong()
    monkeypatch.setenv("HOSTLAB_LESSON_CHECKS", "[--]")
    check_unsolved()
    with pytest.raises(AssertionError, match="OK"):
        check_solved()


@check
def check_answer(function: Callable[[], object]) -> str:
    doing("Calling your function")
    if is_missing(run(function)):
        raise NotSolved("Return a number.")
    return "It returned something."


def test_a_function_that_prints_its_result_is_told_to_return_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check_answer(lambda: print("42.5 ms"))
    doing_line, printed, verdict = capsys.readouterr().out.splitlines()
    assert (doing_line, printed) == ("[..] Calling your function", "42.5 ms")
    assert verdict.startswith("[FAIL] Your function printed '42.5 ms' but returned nothing.")


def test_a_function_may_print_and_return(capsys: pytest.CaptureFixture[str]) -> None:
    check_answer(lambda: print("on my way") or 42)
    assert capsys.readouterr().out.splitlines()[-1] == "[OK] It returned something."
    check_answer(lambda: None)
    assert capsys.readouterr().out.splitlines()[-1] == "[--] not solved yet. Return a number."


def test_a_guess_has_its_unit_and_no_guess_is_not_none() -> None:
    assert your_guess(3, "s") == "Your guess: 3 s."
    assert your_guess(0) == "Your guess: 0."
    assert "None" not in your_guess(None, "s")


@pytest.mark.parametrize("expected", [None, "[OK]", "[--]"])
def test_an_exercise_without_its_tool_is_skipped_without_an_error(
    expected: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if expected:
        monkeypatch.setenv("HOSTLAB_LESSON_CHECKS", expected)
    service = get("docker")
    monkeypatch.setattr(service, "missing_tools", lambda: "There is no program `docker`.")

    @check
    def check_something(service: Deployment) -> str:
        require(service)
        return "It was tried."

    check_something(service)
    assert capsys.readouterr().out.startswith(
        "[--] This exercise needs Docker, which is missing here"
    )
