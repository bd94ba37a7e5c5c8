"""The words and numbers of a figure that stands in two reports."""

from collections.abc import Sequence
from dataclasses import asdict

from demo.tabs.load.track import Disturbance
from demo.tabs.report.session_form import LoadName, LoadPlace, QuestionName
from demo.texts import Texts
from hostlab.measure.parts.fault_catalog import TITLES
from hostlab.measure.report import table
from hostlab.measure.report.diff import NO_BOUND, FigureChange, FigureName
from hostlab.measure.statistics import Figure

MAX_CHARACTERS = 80  # of a text in the table
UNITS = ("ms", "s", "1/s", "texts/s", "requests", "MB")  # that have a word in each language
HIGHER_IS_BETTER = ("per_s",)
NEUTRAL = ("sent",)


def what(name: FigureName, texts: Texts) -> str:
    """Return what a figure measures."""
    if isinstance(name, QuestionName):
        text, *more = name.texts
        short = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
        return texts("changes.question", text=short + (f" (+{len(more)})" if more else ""))
    figure = texts(f"figures.{name.name}")
    if isinstance(name, LoadName):
        return texts("changes.load", load=load(name.place, texts), figure=figure)
    part = texts(f"figures.part_{name.part}")
    which = f", {_which(name.which, texts)}" if name.which else ""
    return f"{part}{which}: {figure}"


def load(place: LoadPlace, texts: Texts) -> str:
    """Return the kind and level of a load in short: `20/s`."""
    return texts(f"load.short_{place.kind}", level=texts.number(f"{place.level:g}"))


def events(of_a_load: Sequence[Disturbance], texts: Texts) -> str:
    """Return what was done to a method, in its order."""
    return ", ".join(texts(f"load.mark_{one}") for one in of_a_load) or texts("changes.undisturbed")


def value(figure: Figure, texts: Texts) -> str:
    """Return a figure with its interval and unit."""
    unit = texts(f"figures.unit_{figure.unit}") if figure.unit in UNITS else figure.unit
    return f"{texts.number(table.figure(asdict(figure)))} {unit}"


def moved(change: FigureChange, texts: Texts) -> str:
    """Return how much a figure changed, and the interval if known; a dash for a ratio to 0."""
    if change.now.unit == "%":
        points = texts.number(f"{change.now.value - change.then.value:+.1f}")
        return texts("changes.points", points=points)
    if not change.then.value:
        return "–"
    by = _percent(change.now.value / change.then.value, texts)
    if not (ratio := change.ratio):
        return by
    low = _percent(ratio.low, texts)
    if ratio.high > NO_BOUND:
        return f"{by} {texts('changes.or_more', low=low)}"
    return f"{by} {texts('changes.interval', low=low, high=_percent(ratio.high, texts))}"


def is_better(change: FigureChange) -> bool | None:
    """Return whether a change is an improvement; None where it is neither."""
    if change.name.name in NEUTRAL or change.now.value == change.then.value:
        return None
    return (change.now.value > change.then.value) == (change.name.name in HIGHER_IS_BETTER)


def _which(name: str, texts: Texts) -> str:
    """Return a fault or a number of replicas in words; a fault of another version as its code."""
    if name in TITLES:
        return TITLES[name].text(texts.language)
    return texts("figures.replicas", count=name) if name.isdigit() else f"`{name}`"


def _percent(ratio: float, texts: Texts) -> str:
    return texts("numbers.percent", value=texts.number(f"{100 * (ratio - 1):+.0f}"))
