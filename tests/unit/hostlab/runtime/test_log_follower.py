"""`hostlab logs -f`: each new line once, in order, under its part."""

import itertools

import pytest

from hostlab.runtime import log_follower as follow


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
    assert follow.new_lines(old, new) == added


def test_parts_are_named_where_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "POLL_S", 0)
    api, model = [f"api {n}" for n in range(30)], [f"model {n}" for n in range(30)]
    reads = [
        ("--- api", *api, "--- model", *model),
        ("--- api", *api, "--- model", *model),
        ("--- api", *api, "--- model", *model, "model 30"),
        (
            "--- api",
            *api,
            "api 30",
            "--- model, until it ended",
            *model,
            "model 30",
            "--- model, started again",
            "again",
        ),
        ("--- api", *api, "api 30", "--- model", *model, "model 30", "again", "ready"),
    ]
    texts = iter("\n".join(lines) for lines in reads)
    said = itertools.islice(follow.follow(lambda tail: next(texts), tail=2), 5)
    assert list(said) == [
        "--- api\napi 28\napi 29\n--- model\nmodel 28\nmodel 29",
        "model 30",
        "--- api\napi 30",
        "--- model\nagain",
        "ready",
    ]
