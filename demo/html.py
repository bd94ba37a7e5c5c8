"""The shared pieces as plain strings, for the views that still put their HTML together by hand."""

from demo import templating
from demo.formatting import clock as clock
from demo.texts import Texts


def problem(sentence: str) -> str:
    return str(templating.problem(sentence))


def hint(sentence: str) -> str:
    return str(templating.hint(sentence))


def stage(sentence: str) -> str:
    return str(templating.stage(sentence))


def empty(texts: Texts, name: str) -> str:
    return str(templating.empty(texts(name)))


def method_name(method: str, texts: Texts) -> str:
    return str(templating.method_name(method, texts))


def said_html(sentence: str) -> str:
    return str(templating.code(sentence))
