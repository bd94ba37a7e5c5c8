"""A notebook for the tests: each exercise first as the student finds it, then solved.

So one run executes every cell of both versions. No check may say more than "not solved yet" in the
student's, or less than [OK] in the solved one.
"""

import nbformat

from notebooks.make_student import TAG, student_version

SETTING = "HOSTLAB_LESSON_CHECKS"  # the verdict that each check must reach (lessons/verdict.py)


def both_versions(solved: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the solved notebook with the student's version of each exercise in front of it.

    An exercise is a code cell with the tag `solution` and, if it does not check itself, the code
    cell below it.
    """
    cells = [cell for cell in solved.cells if cell.cell_type == "code"]
    students = [cell for cell in student_version(solved).cells if cell.cell_type == "code"]
    found = []
    for number, (cell, student) in enumerate(zip(cells, students, strict=True)):
        if TAG in cell.metadata.get("tags", []):
            exercise = [student]
            if not _checks(student):
                exercise.append(cells[number + 1])
            found += [_expect("[--]"), *exercise, _expect("[OK]")]
        found.append(cell)
    sources = [cell.source for cell in found]
    return nbformat.from_dict(
        {**solved, "cells": [nbformat.v4.new_code_cell(source) for source in sources]}
    )


def _checks(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.source.splitlines()[-1].startswith("check_"))


def _expect(verdict: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(f"%env {SETTING}={verdict}")
