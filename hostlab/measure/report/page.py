"""The report as one HTML file that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hostlab.measure.report.plots import plots
from hostlab.measure.report.table import Data, Table, about

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def html(report: Data, tables: Sequence[Table]) -> str:
    """Return the whole report as a page: plots, then tables. All text is escaped."""
    return _ENVIRONMENT.get_template("page.html.j2").render(
        title="Five ways to host one model, measured",
        about=about(report),
        plots=plots(report["results"]),
        tables=tables,
    )
