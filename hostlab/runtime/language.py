"""The language of the reader of this process, where it is a notebook's kernel."""

import os
from pathlib import Path

from hostlab.runtime.paths import ROOT
from hostlab.texts import LANGUAGES

SETTING = "HOSTLAB_LANGUAGE"
_NOTEBOOKS = ROOT / "notebooks"


def language() -> str:
    """Return the language of the notebook that runs, whose folder is where its kernel starts.

    HOSTLAB_LANGUAGE overrides it, because the tests execute copies in other folders. Raises
    ValueError if that is none of LANGUAGES.
    """
    chosen = os.environ.get(SETTING) or language_of(Path.cwd())
    if chosen not in LANGUAGES:
        raise ValueError(f"{SETTING} is {chosen!r}. Set it to one of: {', '.join(LANGUAGES)}.")
    return chosen


def language_of(path: Path) -> str:
    """Return the language of a notebook or of a folder of notebooks.

    It is Russian in notebooks/ru and below it, and English everywhere else.
    """
    return "ru" if path.is_relative_to(_NOTEBOOKS / "ru") else "en"
