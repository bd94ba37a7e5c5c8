"""One run of a lesson tests both of its versions, the student's and the solved one."""

import ast
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from notebooks.both_versions import both_versions

SOLVED = sorted((Path(__file__).parents[2] / "notebooks" / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_only_its_own_check_uses_what_an_exercise_defines(path: Path) -> None:
    """So the cells between the exercises do the same, whether these are solved or not.

    That is why one run of both versions (both_versions.py) is enough.
    """
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    parse = TransformerManager().transform_cell  # shell commands are not Python
    trees = [ast.parse(parse(cell.source)) for cell in cells]
    own: dict[str, int] = {}
    for number, (cell, tree) in enumerate(zip(cells, trees, strict=True)):
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        if "solution" in cell.metadata.get("tags", []):
            functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
            assigned = [node.id for node in names if isinstance(node.ctx, ast.Store)]
            own |= dict.fromkeys([*functions, *assigned], number)
        else:
            used = {node.id: own[node.id] for node in names if node.id in own}
            assert set(used.values()) <= {number - 1}, used


def test_both_versions_run_each_exercise_unsolved_and_then_solved() -> None:
    solved = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("before = 1"),
            nbformat.v4.new_code_cell(
                "# SOLUTION: answer = None\nanswer = 42\n# END", metadata={"tags": ["solution"]}
            ),
            nbformat.v4.new_code_cell("check_answer(answer)"),
            nbformat.v4.new_code_cell(
                "# SOLUTION: other = None\nother = 7\n# END\ncheck_other(other)",
                metadata={"tags": ["solution"]},
            ),
        ]
    )
    assert [cell.source for cell in both_versions(solved).cells] == [
        "before = 1",
        "%env HOSTLAB_LESSON_CHECKS=[--]",
        "answer = None",
        "check_answer(answer)",
        "%env HOSTLAB_LESSON_CHECKS=[OK]",
        "# SOLUTION: answer = None\nanswer = 42\n# END",
        "check_answer(answer)",
        "%env HOSTLAB_LESSON_CHECKS=[--]",
        "other = None\ncheck_other(other)",
        "%env HOSTLAB_LESSON_CHECKS=[OK]",
        "# SOLUTION: other = None\nother = 7\n# END\ncheck_other(other)",
    ]
