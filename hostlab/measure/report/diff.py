"""Compares two reports: what changed, and whether it is more than noise."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from hostlab.errors import BadInput
from hostlab.measure.report.table import Data, Table, figure
from hostlab.measure.statistics import Figure, Ratio

NO_BOUND = 1e6  # a ratio's upper end, where the figure was perhaps 0
VERDICTS = {True: "yes", False: "no", None: "unknown: no interval"}


@dataclass(frozen=True)
class FigureName:
    """Where a figure stands: the part of the measurement, the method, and the name in its row.

    `which` tells the rows of a method apart: the fault, or the number of replicas.
    """

    part: str
    method: str
    name: str
    which: str = field(default="", kw_only=True)


Figures = Mapping[FigureName, Figure]


@dataclass(frozen=True)
class FigureChange:
    """One figure in two reports."""

    name: FigureName
    then: Figure
    now: Figure

    @property
    def ratio(self) -> Ratio | None:
        """How many times as large the figure is now; None where an interval is missing."""
        return self.now.ratio_to(self.then)

    @property
    def more_than_noise(self) -> bool | None:
        """Whether the interval of the ratio excludes 1; None where that is not known."""
        return self.now.differs_from(self.then)


def figures_of(report: Data) -> dict[FigureName, Figure]:
    """Return every figure of a report of the current schema."""
    return dict(_figures(report))


def changes(then: Figures, now: Figures) -> list[FigureChange]:
    """Return every figure that is in both, in the order of `now`."""
    return [FigureChange(name, then[name], newer) for name, newer in now.items() if name in then]


def compare(old: Data, new: Data) -> Table:
    """Return the table of every figure that both reports have.

    Raises BadInput if `old` has another schema.
    """
    if old.get("schema") != new.get("schema"):
        raise BadInput(
            f"The old report has the schema {old.get('schema')}, and the new one has "
            f"{new.get('schema')}. To compare, measure again."
        )
    rows = [
        [one.name.part, one.name.method, f"{one.name.which} {one.name.name}".strip(), *_cells(one)]
        for one in changes(figures_of(old), figures_of(new))
    ]
    notes = [
        f"Then: {old['measured_at']}. Now: {new['measured_at']}. A change is more than noise if "
        "the 95 % interval of the ratio excludes 1. With many figures, one in twenty or so differs "
        "by chance alone."
    ]
    if old["engines"] != new["engines"]:
        notes.append(f"Engines: {_named(old['engines'])} then, {_named(new['engines'])} now.")
    if old["machine"]["processor"] != new["machine"]["processor"]:
        notes.append(
            f"Different machines: {old['machine']['processor']} then, "
            f"{new['machine']['processor']} now. Other differences between them are not shown."
        )
    return Table(
        "What changed",
        ["part", "method", "figure", "then", "now", "change", "more than noise"],
        rows,
        notes,
    )


def change_in_percent(change: FigureChange) -> str:
    """Return how much a figure changed, and the interval if known: `+31% [+22% to +40%]`."""
    if not change.then.value:
        return "–"
    moved = f"{change.now.value / change.then.value - 1:+.0%}"
    if not (ratio := change.ratio):
        return moved
    if ratio.high > NO_BOUND:
        return f"{moved} [{ratio.low - 1:+.0%} or more]"
    return f"{moved} [{ratio.low - 1:+.0%} to {ratio.high - 1:+.0%}]"


def _cells(change: FigureChange) -> list[str]:
    return [
        figure(asdict(change.then)),
        figure(asdict(change.now)),
        change_in_percent(change),
        VERDICTS[change.more_than_noise],
    ]


def _named(engines: Mapping[str, str]) -> str:
    named = ", ".join(f"{engine} ({method})" for method, engine in engines.items())
    return named or "not known"


def _figures(report: Data) -> Iterator[tuple[FigureName, Figure]]:
    for part, result in report["results"].items():
        for row in result["rows"]:
            which = " ".join(str(row[name]) for name in ("fault", "replicas") if name in row)
            for name, value in row.items():
                if isinstance(value, dict) and "value" in value:
                    place = FigureName(part, row["method"], name, which=which)
                    yield place, Figure(**value)
