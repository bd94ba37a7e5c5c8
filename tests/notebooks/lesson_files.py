"""The notebooks of the lessons, and what the tests read in them."""

from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RUSSIAN = NOTEBOOKS / "ru"
SOLVED = sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))
ALL = sorted(NOTEBOOKS.glob("*.ipynb")) + SOLVED
SOLVED_RU = sorted((RUSSIAN / "solutions").glob("*.ipynb"))
ALL_RU = sorted(RUSSIAN.glob("*.ipynb")) + SOLVED_RU


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def name(path: Path) -> str:
    """Return a notebook's name for a test's ID.

    It has no suffix, because that marks a test that executes the notebook and needs its tools.
    """
    return str(path.relative_to(NOTEBOOKS).with_suffix(""))


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]
