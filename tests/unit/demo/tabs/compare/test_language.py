import re

import pytest

from demo.tabs.compare.language import looks_foreign
from hostlab.runtime.paths import ROOT


@pytest.mark.parametrize(
    "text",
    [
        "Какой чудесный фильм!",
        "这部电影很好看",
        "Фильм был a real masterpiece, но длинный",
        "Das ist ein sehr guter Film und ich mag ihn nicht",
        "C'est un film que je n'aime pas du tout",
        "No me gusta nada esta película, es muy larga",
    ],
)
def test_other_languages_are_noticed(text):
    assert looks_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "not bad",
        "😀😀😀",
        "10/10",
        "",
        "Amélie is naïve",
        "«Москва» is a bar I like very much",
        "Las Vegas, no thanks",
        "Die Hard is great",
        "I am in",
    ],
)
def test_english_is_left_alone(text):
    assert not looks_foreign(text)


def test_the_reviews_that_the_model_learned_from_are_english():
    file = ROOT.parent / "shared" / "data" / "sst" / "dev.txt"
    if not file.exists():
        pytest.skip("needs the treebank in ../shared/data/sst")
    reviews = [
        re.sub(r"\(\d|\)", "", tree) for tree in file.read_text(encoding="utf-8").splitlines()
    ]
    assert sum(map(looks_foreign, reviews)) <= len(reviews) / 1000
