"""Render the page's HTML from the templates (`*.html.j2`) that lie beside the tabs.

Jinja2 escapes every value that is not itself the result of a template. The page draws its tables
and charts as HTML and SVG of its own: they take the page's colors in light and dark, keep the size
of their letters on a phone and on a projector, and need no script. None of the plotting components
that we tried does all three.
"""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from demo import formatting
from demo.texts import Texts
from hostlab import palette

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def code(sentence: str) -> Markup:
    """Return a sentence in which whatever is between backticks is set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


@pass_context
def _milliseconds(context: Context, value: float | None) -> str:
    return formatting.milliseconds(value, context["texts"])


@pass_context
def _score(context: Context, value: float | None) -> str:
    return formatting.score(value, context["texts"])


_environment.filters |= {
    "clock": formatting.clock,
    "code": code,
    "milliseconds": _milliseconds,
    "percent": "{:.2%}".format,
    "score": _score,
}
_environment.globals |= {"method_color": palette.method_color}


def render(template: str, **values: object) -> Markup:
    """Return a template of this folder, filled in: `render("tabs/load/state.html.j2", run=run)`.

    Raises jinja2.UndefinedError where the template uses a value that is missing.
    """
    return Markup(_environment.get_template(template).render(values))


def problem(sentence: str) -> Markup:
    """Return a sentence about something that failed."""
    return _macro("problem", sentence)


def hint(sentence: str) -> Markup:
    """Return a sentence that deserves attention."""
    return _macro("hint", sentence)


def stage(sentence: str) -> Markup:
    """Return a sentence about the stage that something has reached."""
    return _macro("stage", sentence)


def empty(sentence: str) -> Markup:
    """Return a placeholder for results that are still to come."""
    return _macro("empty", sentence)


def method_name(method: str, texts: Texts) -> Markup:
    """Return a method's title with its color."""
    return _macro("method_name", method, texts)


def _macro(name: str, *values: object) -> Markup:
    return Markup(getattr(_environment.get_template("macros.html.j2").module, name)(*values))
