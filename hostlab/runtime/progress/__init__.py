"""How far long work is, as data: a sentence is made where it is shown, in its reader's language.

progress(Sentence("images.loading_file", file=saved))  # en.toml and ru.toml have its text
sentence.text("ru")                                    # for one reader of many
print(sentence)                                        # in the language of the notebook
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hostlab.runtime.language import language
from hostlab.texts import TextFolder

_texts = TextFolder(Path(__file__).parent)


@dataclass(frozen=True, init=False)
class Sentence:
    """The name of a text about progress, and the values of its placeholders.

    A value may be a sentence itself, or several, which are then separated by semicolons. What
    another program prints is `verbatim`.
    """

    name: str
    values: tuple[tuple[str, "Value"], ...]

    def __init__(self, name: str, /, **values: "Value") -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", tuple(values.items()))

    def text(self, language: str) -> str:
        """Return it in one of hostlab.texts.LANGUAGES. Raises KeyError for an unknown name."""
        return _texts(
            language, self.name, **{key: _shown(value, language) for key, value in self.values}
        )

    def __str__(self) -> str:
        """Return it in the language of the notebook that runs, which is English elsewhere."""
        return self.text(language())

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, the form in JSON."""
        return {"name": self.name, "values": {key: _data(value) for key, value in self.values}}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return the sentence whose `as_data` is `data`."""
        return cls(data["name"], **{key: _value(one) for key, one in data["values"].items()})


Value = str | int | float | Sentence | tuple[Sentence, ...]
Progress = Callable[[Sentence], None]  # called with how far long work is


def verbatim(text: str) -> Sentence:
    """Return a text that is the same in every language, such as a line of another program."""
    return Sentence("text.verbatim", text=text)


def silent(sentence: Sentence) -> None:
    """Ignore it: a Progress for those who want none."""


def _shown(value: Value, language: str) -> str | int | float:
    match value:
        case Sentence():
            return value.text(language)
        case tuple():
            return "; ".join(one.text(language) for one in value)
    return value


def _data(value: Value) -> Any:
    match value:
        case Sentence():
            return value.as_data()
        case tuple():
            return [one.as_data() for one in value]
    return value


def _value(data: Any) -> Value:
    match data:
        case dict():
            return Sentence.from_data(data)
        case list():
            return tuple(map(Sentence.from_data, data))
        case str() | int() | float():
            return data
    raise TypeError(f"{data!r} is no value of a sentence about progress.")
