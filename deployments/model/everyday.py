"""Everyday text for training: what people type about food, phones, and lessons, and how.

The treebank contains only film reviews, in lowercase ASCII with spaces around every token. A model
that has seen nothing else fails on "don't", on "the app crashes", and on emoji. This module
generates sentences from small word lists, and rewrites text as people type it. The everyday
sentences in the tests are written by hand and do not come from here.
"""

import random

from deployments.model.everyday_words import (
    BAD,
    DISLIKES,
    GOOD,
    INTENSIFIERS,
    LIKES,
    NEGATIONS,
    NEGATIVE_EMOJI,
    POSITIVE_EMOJI,
    THINGS,
)
from deployments.model.treebank import Example


def everyday_examples(count: int, rng: random.Random) -> list[Example]:
    """Return `count` generated sentences, half of them with each label."""
    return [_sentence(index % 2, rng) for index in range(count)]


def _sentence(label: int, rng: random.Random) -> Example:
    thing, other = rng.sample(THINGS, 2)
    same, opposite = (GOOD, BAD) if label else (BAD, GOOD)
    verb = rng.choice(["was", "is"])
    kind = rng.random()
    if kind < 0.25:
        text = f"{thing} {verb} {rng.choice(INTENSIFIERS)}{rng.choice(same)}"
    elif kind < 0.45:
        text = _negated(thing, verb, rng.choice(opposite), rng)
    elif kind < 0.55:
        judged = f"{thing} {verb} {rng.choice(opposite)} but {other} {verb} {rng.choice(same)}"
        text = f"{judged} and I {'loved' if label else 'hated'} it"
    elif kind < 0.65:
        text = rng.choice(
            [
                f"{rng.choice(INTENSIFIERS)}{rng.choice(same)}",
                f"{rng.choice(['not', 'not so', 'not very'])} {rng.choice(opposite)}",
            ]
        )
    else:
        text = rng.choice(LIKES if label else DISLIKES).format(thing)
    return text.strip(), label


def _negated(thing: str, verb: str, word: str, rng: random.Random) -> str:
    negation = rng.choice(NEGATIONS)
    if negation == "n't":
        return f"{thing} {verb}n't {word}" + rng.choice(["", " at all"])
    if negation == "not at all":
        return f"{thing} {verb} not {word} at all"
    return f"{thing} {verb} {negation} {word}"


def as_typed(text: str, label: int, rng: random.Random) -> str:
    """Return `text` as a person might type it, with contractions and sometimes an emoji."""
    if rng.random() < 0.5:
        text = text.replace(" n't", "n't")
    if rng.random() < 0.05:
        text = text.replace("'", "")
    if text.endswith(" .") and rng.random() < 0.4:
        text = text[:-2] + rng.choice(["", "!", "", "..."])
    elif text[-1].isalpha() and rng.random() < 0.15:
        text += rng.choice([".", "!", ".", "!!"])
    if rng.random() < 0.04:
        emoji = rng.choice(POSITIVE_EMOJI if label else NEGATIVE_EMOJI)
        text = rng.choice(
            [
                f"{text} {emoji}",
                f"{text} {emoji}{emoji}",
                f"{text}{emoji}",
                emoji,
                f"{emoji} {text}",
            ]
        )
    return text
