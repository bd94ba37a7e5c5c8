"""`hostlab logs -f`: each new line once, in order, under its component."""

import itertools

import pytest

from hostlab.runtime import log_follower
from hostlab.types import ComponentLog


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        ([], [], []),
        ([], ["a"], ["a"]),
        (["a"], ["a"], []),
        (["a", "b"], ["a", "b", "c"], ["c"]),
        (["a", "b", "c"], ["b", "c", "d", "e"], ["d", "e"]),
        (["a", "same"], ["a", "same", "same"], ["same"]),
        (["a", "b"], ["fresh"], ["fresh"]),
        (
            [str(n) for n in range(1000)],
            [str(n) for n in range(700, 1700)],
            [str(n) for n in range(1000, 1700)],
        ),
    ],
)
def test_new_lines(old: list[str], new: list[str], added: list[str]) -> None:
    assert log_follower.new_lines(old, new) == added


def test_components_are_named_where_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "POLL_S", 0)
    api, model = [f"api {n}" for n in range(30)], [f"model {n}" for n in range(30)]
    reads = iter(
        [
            [ComponentLog("api", api), ComponentLog("model", model)],
            [ComponentLog("api", api), ComponentLog("model", model)],
            [ComponentLog("api", api), ComponentLog("model", [*model, "model 30"])],
            [
                ComponentLog("api", [*api, "api 30"]),
                ComponentLog("model", [*model, "model 30"], "until it ended"),
                ComponentLog("model", ["again"], "started again"),
            ],
            [
                ComponentLog("api", [*api, "api 30"]),
                ComponentLog("model", [*model, "model 30", "again", "ready"]),
            ],
        ]
    )
    printed = itertools.islice(log_follower.follow(lambda tail: next(reads), tail=2), 5)
    assert list(printed) == [
        "--- api\napi 28\napi 29\n--- model\nmodel 28\nmodel 29",
        "model 30",
        "--- api\napi 30",
        "--- model\nagain",
        "ready",
    ]
