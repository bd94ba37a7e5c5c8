"""The check of lesson 05 on plan B, given solutions that are right, missing, and wrong."""

from collections.abc import Callable

import pytest
import requests

from deployments.model.classifier import Classifier
from hostlab.methods.api.deployment import SystemThroughApi
from notebooks.lessons.check_api import check_in_time, check_plan_b
from tests.notebooks.conftest import raising, unsolved

METHOD = "api"


def prints_the_label(url: str, *rest: object) -> None:
    print(asked(url, str(rest[-1]), 1))


def asked(url: str, text: str, timeout_s: float) -> str | None:
    try:
        response = requests.post(f"{url}/predict", json={"text": text}, timeout=timeout_s)
    except requests.RequestException:
        return None
    return response.json()[0]["label"] if response.ok else None


def own(classifier: Classifier, text: str) -> str:
    return classifier.predict([text])[0][0]


def once_down_always_down() -> Callable[..., str]:
    down = []

    def with_plan_b(url: str, classifier: Classifier, text: str) -> str:
        label = None if down else asked(url, text, 1)
        if label is None:
            down.append(True)
        return label or own(classifier, text)

    return with_plan_b


@pytest.mark.parametrize(
    ("with_plan_b", "expected", "hint"),
    [
        (
            lambda url, classifier, text: asked(url, text, 1) or own(classifier, text),
            "[OK]",
            "from the service again",
        ),
        (unsolved, "[--]", "with_plan_b()"),
        (
            lambda url, classifier, text: [asked(url, text, 1), None][1],
            "[--]",
            "your function returned None",
        ),
        (raising, "[FAIL]", "ZeroDivisionError"),
        (lambda url, classifier, text: own(classifier, text), "[FAIL]", "you always use plan B"),
        (
            lambda url, classifier, text: [own(classifier, text), asked(url, text, 1)][1],
            "[FAIL]",
            "called the local model 3 times anyway",
        ),
        (
            lambda url, classifier, text: asked(url, text, 1),
            "[FAIL]",
            "The provider failed, and for 'I hated every minute.' your function returned None",
        ),
        (
            lambda url, classifier, text: asked(url, text, 60) or own(classifier, text),
            "[FAIL]",
            "the label came after 4.",
        ),
        (once_down_always_down(), "[FAIL]", "still doesn't call it"),
    ],
)
def test_check_plan_b(
    with_plan_b: Callable,
    expected: str,
    hint: str,
    service: SystemThroughApi,
    classifier: Classifier,
    verdict: Callable,
) -> None:
    output = verdict(check_plan_b, with_plan_b, service, classifier)
    assert output.startswith(expected) and hint in output, output


@pytest.mark.parametrize("check", [check_in_time, check_plan_b])
def test_a_function_that_prints_its_label_is_told_to_return_it(
    check: Callable,
    service: SystemThroughApi,
    classifier: Classifier,
    capsys: pytest.CaptureFixture[str],
) -> None:
    check(prints_the_label, service, *([classifier] if check is check_plan_b else []))
    assert "[FAIL] Your function printed 'POSITIVE" in capsys.readouterr().out
