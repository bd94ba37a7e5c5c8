"""The report on a terminal."""

from collections.abc import Sequence

from rich.table import Column
from rich.table import Table as RichTable

from hostlab.measure.report.table import Table
from hostlab.terminal import PlainConsole, print_table


def show(tables: Sequence[Table], out: PlainConsole) -> None:
    """Print the tables, each with its notes below."""
    for table in tables:
        columns = [Column(name, no_wrap=number == 0) for number, name in enumerate(table.columns)]
        rich = RichTable(
            *columns,
            title=table.title,
            title_justify="left",
            caption="\n".join(table.notes),
            caption_justify="left",
        )
        for row in table.rows:
            rich.add_row(*row)
        print_table(rich, out)
