"""Compares two reports: what changed, and whether it is more than noise."""

from collections.abc import Iterator, Mapping

from hostlab.errors import BadInput
from hostlab.measure.report.table import Data, Table, figure


def compare(old: Data, new: Data) -> Table:
    """Return the table of every figure that both reports have.

    A change is more than noise if the two intervals do not overlap. Raises BadInput if `old` has
    another schema.
    """
    if old.get("schema") != new.get("schema"):
        raise BadInput(
            f"The old report has the schema {old.get('schema')}, and the new one has "
            f"{new.get('schema')}. To compare, measure again."
        )
    before = dict(_figures(old))
    rows = []
    for name, now in _figures(new):
        if then := before.get(name):
            change = f"{now['value'] / then['value'] - 1:+.0%}" if then["value"] else "–"
            rows.append([*name, figure(then), figure(now), change, _verdict(then, now)])
    notes = [
        f"Then: {old['measured_at']}. Now: {new['measured_at']}. With many figures, one in twenty "
        "or so differs by chance alone."
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


def _named(engines: Mapping[str, str]) -> str:
    named = ", ".join(f"{engine} ({method})" for method, engine in engines.items())
    return named or "not known"


def _figures(report: Data) -> Iterator[tuple[tuple[str, str, str], Data]]:
    for part, result in report["results"].items():
        for row in result["rows"]:
            which = " ".join(str(row[name]) for name in ("fault", "replicas") if name in row)
            for name, value in row.items():
                if isinstance(value, dict) and "value" in value:
                    yield (part, row["method"], f"{which} {name}".strip()), value


def _verdict(then: Data, now: Data) -> str:
    if None in (then["low"], now["low"]):
        return "unknown: no interval"
    return "yes" if then["low"] > now["high"] or then["high"] < now["low"] else "no"
