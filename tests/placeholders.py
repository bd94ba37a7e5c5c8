"""The placeholders of texts, for the tests that compare languages."""

from string import Formatter


def names(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
