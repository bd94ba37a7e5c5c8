"""What counts as the same code in another language, and what a Russian page may not say."""

import pytest

from tests.notebooks.same_code import differences
from tests.notebooks.translations import avoided, placeholders, prose_of, structure_of


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("x = 1  # one", "x = 1  # один"),
        ('def f():\n    """Return it."""', 'def f():\n    """Возвращает это."""'),
        ('print("done")', 'print("готово")'),
        ('print(f"{a} of {b:.1f} s")', 'print(f"{b:.1f} с, из них {a}")'),
        ("print(f'{x or \"no\"}: it')", "print(f'{x or \"нет\"}: вот')"),
        ('text = "{count} texts"', 'text = "текстов: {count}"'),
        ("!ls -l\nx = 1", "!ls -l\nx = 1  # и всё"),
    ],
)
def test_comments_and_strings_for_people_may_differ(english: str, russian: str) -> None:
    assert differences(english, russian) == []


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "y = 1"),
        ("x = [1]", "x = [1, 2]"),
        ("x = 1", "x = 1\ny = 1"),
        ('label = "POSITIVE"', 'label = "NEGATIVE"'),
        ("found = 1", 'found = "один"'),
        ('print(f"{a:.1f} s")', 'print(f"{a:.0f} с")'),
        ('print(f"{a} s")', 'print(f"{b} с")'),
        ('print(f"{a} s")', 'print(f"{a} и {a} с")'),
        ('text = "{count} texts"', 'text = "текстов: {number}"'),
        ("!ls -l", "!ls -a"),
    ],
)
def test_everything_else_is_a_difference(english: str, russian: str) -> None:
    assert differences(english, russian) != []


def test_only_prose_is_searched_for_english() -> None:
    text = "Запустите `hostlab up`.\n```\nsome code\n```\n[файл](a b c d.md)"
    assert "some" not in prose_of(text) and "hostlab" not in prose_of(text)
    assert "a b c d" not in prose_of(text)
    assert "What a lovely film" not in prose_of("Текст «What a lovely film!», *What a lovely film*")
    assert "This is not translated" in prose_of("This is not translated, а это да.")
    assert "This is a node" in prose_of("```mermaid\nflowchart LR\n  a[This is a node]\n```")


def test_the_structure_is_that_of_headings_blocks_and_tables() -> None:
    text = "## A\n```python\nx\n```\n<details><summary>B</summary>\n| a |\n| --- |\n# C"
    found = ["##", "```python", "```", "<details>", "<summary>", "</summary>", "|", "#"]
    assert structure_of(text) == found


def test_avoided_words_are_found_in_every_form() -> None:
    assert avoided("Батчи и Докера здесь нет") == ["докера", "батчи"]
    assert avoided("в одной из точек") == []  # `чек` is a word to avoid


def test_a_placeholder_has_its_format() -> None:
    assert placeholders("{a} {b:,.1f} {c!r}") == {
        ("a", "", None),
        ("b", ".1f", None),
        ("c", "", "r"),
    }
