"""The error of a model that cannot be used."""


class ModelUnusable(Exception):
    """The model cannot be loaded or cannot classify text. The message says what to do."""


def first_line(error: Exception) -> str:
    """Return the first line of an error of a library, without its final period."""
    return (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")
