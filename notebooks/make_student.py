"""Makes the students' notebooks from the solved ones, in every language: `make notebooks`.

The solved notebook is the only source. What happens to a cell in it with the tag `solution`:

- A Markdown cell is omitted.
- In a code cell, the lines from `# SOLUTION` to `# END` become one line that shows where the
  student's code goes. After `# SOLUTION: x = None  # your number`, they become the text that
  follows the colon. The cell must still run.

The student's notebook is one folder further up than the solved one, so a link that begins with
`../` loses one of them.
"""

import sys
from pathlib import Path

import nbformat

from hostlab.runtime.language import language_of

HERE = Path(__file__).resolve().parent
TAG = "solution"
TODO = {
    "en": "...  # your code here, instead of this line",
    "ru": "...  # ваш код вместо этой строки",
}


def student_version(solved: nbformat.NotebookNode, language: str = "en") -> nbformat.NotebookNode:
    """Return the student's version of a solved notebook in a language, without outputs.

    Raises ValueError for a cell whose marks are incomplete.
    """
    student = nbformat.from_dict({**solved, "cells": []})
    for cell in solved.cells:
        if cell.cell_type == "markdown" and TAG in cell.metadata.get("tags", []):
            continue
        cell = nbformat.from_dict(cell)
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../", "](")
        else:
            cell.outputs, cell.execution_count = [], None
            if TAG in cell.metadata.get("tags", []):
                cell.source = _without_solution(cell.source, TODO[language])
            elif "# SOLUTION" in cell.source:
                raise ValueError(
                    f"This cell has a solution but lacks the tag {TAG!r}:\n{cell.source}"
                )
        cell.id = str(len(student.cells))  # as nbstripout numbers them
        student.cells.append(cell)
    return student


def _without_solution(source: str, todo: str) -> str:
    lines, inside, found = [], False, False
    for line in source.splitlines():
        indent, mark, starter = line.partition("# SOLUTION")
        if mark and not indent.strip():
            inside = found = True
            lines.append(indent + (starter.removeprefix(":").strip() or todo))
        elif line.strip() == "# END":
            inside = False
        elif not inside:
            lines.append(line)
    if inside or not found:
        raise ValueError(
            f"A cell with the tag {TAG!r} needs a line '# SOLUTION' and a line '# END':\n{source}"
        )
    return "\n".join(lines)


def main() -> int:
    """Write the students' versions that have changed."""
    for path in sorted([*HERE.glob("solutions/*.ipynb"), *HERE.glob("ru/solutions/*.ipynb")]):
        solved, target = nbformat.read(path, as_version=4), path.parents[1] / path.name
        text = nbformat.writes(student_version(solved, language_of(path))) + "\n"
        name = target.relative_to(HERE.parent).as_posix()
        if target.exists() and target.read_text(encoding="utf-8") == text:
            print(f"{name} is up to date.")
        else:
            target.write_text(text, encoding="utf-8")
            print(f"{name} made from its solved version.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
