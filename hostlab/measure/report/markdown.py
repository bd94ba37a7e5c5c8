"""The report as Markdown."""

from collections.abc import Sequence

from hostlab.measure.report.table import Data, Table, about


def markdown(report: Data, tables: Sequence[Table]) -> str:
    """Return the whole report: what it was measured on, and the tables."""
    return document(
        "Five ways to host one model, measured",
        [
            about(report),
            "Brackets hold 95 % intervals. Figures whose intervals overlap may be equal.",
        ],
        tables,
    )


def document(title: str, paragraphs: Sequence[str], tables: Sequence[Table]) -> str:
    """Return a page: a title, paragraphs, and the tables, each under its own heading."""
    lines = [f"# {title}"]
    for paragraph in paragraphs:
        lines += ["", paragraph]
    for table in tables:
        lines += [
            "",
            f"## {table.title}",
            "",
            _line(table.columns),
            _line(["---"] * len(table.columns)),
            *map(_line, table.rows),
            "",
        ]
        lines += [f"- {note}" for note in table.notes]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '∣').replace(chr(10), ' ') for cell in cells)} |"
