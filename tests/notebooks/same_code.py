"""Compares the code of a translated cell with the English one.

Comments, docstrings, and strings in Russian may differ, but not what is inserted into these.
"""

import ast
import re
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def differences(english: str, russian: str) -> list[str]:
    """Return what differs in the code of two cells, each as `English -> Russian`."""
    return list(_differences(_tree(english), _tree(russian)))


def _tree(source: str) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(source))  # shell commands aren't Python


def _differences(english: object, russian: object) -> Iterator[str]:
    match english, russian:
        case ast.Constant(str(one)), ast.Constant(str(other)) if CYRILLIC.search(other):
            if sorted(_PLACEHOLDER.findall(one)) != sorted(_PLACEHOLDER.findall(other)):
                yield f"{one} -> {other}"
        case ast.JoinedStr(), ast.JoinedStr() if CYRILLIC.search(_text(russian)):
            if not _same_values(_values(english), _values(russian)):
                yield _difference(english, russian)
        case ast.AST(), ast.AST() if type(english) is type(russian):
            pairs = zip(ast.iter_fields(english), ast.iter_fields(russian), strict=True)
            for (_, one), (_, other) in pairs:
                yield from _differences(one, other)
        case list(), list() if len(english) == len(russian):
            for one, other in zip(english, russian, strict=True):
                yield from _differences(one, other)
        case _ if english != russian:
            yield _difference(english, russian)


def _same_values(english: list[ast.expr], russian: list[ast.expr]) -> bool:
    """Return whether two f-strings insert the same values, in any order."""
    rest = list(russian)
    for value in english:
        same = [other for other in rest if not any(_differences(value, other))]
        if not same:
            return False
        rest.remove(same[0])
    return not rest


def _values(text: ast.JoinedStr) -> list[ast.expr]:
    return [one for one in text.values if isinstance(one, ast.FormattedValue)]


def _text(text: ast.JoinedStr) -> str:
    return "".join(str(one.value) for one in text.values if isinstance(one, ast.Constant))


def _difference(english: object, russian: object) -> str:
    return f"{_shown(english)} -> {_shown(russian)}"


def _shown(found: object) -> str:
    if isinstance(found, list):
        return "; ".join(map(_shown, found))
    return ast.unparse(found) if isinstance(found, ast.AST) else repr(found)
