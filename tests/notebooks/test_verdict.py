"""What a check prints, and when it raises an error."""

import pytest

from hostlab import get
from hostlab.deployment import Deployment
from notebooks.lessons.verdict import NotSolved, Wrong, check, require, returned


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


def test_a_result_that_was_printed_instead_of_returned_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Wrong, match=r"printed '42 ms' but returned nothing.*`return`"):
        returned(lambda: print("42 ms"))
    assert capsys.readouterr().out == "42 ms\n", "what a student prints is still shown"
    assert returned(lambda: None) is None, "not solved yet"
    assert returned(lambda number: print(number) or number, 7) == 7
