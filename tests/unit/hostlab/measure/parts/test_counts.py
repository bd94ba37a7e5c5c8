"""Simplicity and difficulty are counted from files: the files are there, and the
counting is right.
"""

from pathlib import Path

import pytest

from hostlab import METHODS, get
from hostlab.measure.parts.difficulty import measure_difficulty, packages
from hostlab.measure.parts.simplicity import WORK, count_lines, measure_simplicity
from hostlab.measure.steps import finish
from hostlab.runtime.paths import ROOT


def test_every_method_has_its_files_and_they_exist():
    assert set(WORK) == set(METHODS)
    for work in WORK.values():
        assert all((ROOT / "deployments" / file).is_file() for file in work.files)


def test_no_manifest_is_forgotten():
    counted = {
        Path(file).name for file in WORK["kubernetes"].files if file.startswith("kubernetes/")
    }
    assert counted == {file.name for file in (ROOT / "deployments/kubernetes").glob("*.yaml")} - {
        "kind.yaml"
    }, "kind.yaml is the cluster's own"


def test_lines_without_comments_and_docstrings(tmp_path: Path):
    file = tmp_path / "program.py"
    file.write_text(
        '"""One line."""\n\nimport os\n# a comment\n\n\n'
        'def f():\n    """Two\n\n    lines."""\n    return os  # counted\n'
    )
    assert count_lines(file) == 3
    manifest = tmp_path / "a.yaml"
    manifest.write_text("# why\nkind: Service\n\nspec: {}\n")
    assert count_lines(manifest) == 2


def test_the_counts_say_what_the_lecture_shows():
    rows = {
        row.method: row for row in finish(measure_simplicity([get(name) for name in METHODS])).rows
    }
    assert (rows["in-process"].files, rows["in-process"].moving_parts) == (1, 1)
    assert (rows["separate-process"].files, rows["separate-process"].moving_parts) == (2, 2)
    assert rows["docker"].moving_parts == 2 and rows["kubernetes"].moving_parts == 3
    assert (
        rows["in-process"].lines
        < rows["separate-process"].lines
        < rows["docker"].lines
        < rows["kubernetes"].lines
    )


def test_packages_are_followed_to_the_end():
    assert {"fastapi", "starlette", "anyio"} <= packages(["fastapi"])
    assert packages(["no-such-package-here"]) == set()


def test_disk_and_cost():
    result = finish(
        measure_difficulty(
            [get("in-process"), get("api")], machine_hour=0.36, per_s={"in-process": 100.0}
        )
    )
    ours, theirs = result.rows
    assert ours.disk_mb > theirs.disk_mb > 10, "who asks a provider needs no torch"
    assert ours.machine_cost_per_million == pytest.approx(1.0), (
        "0.36 an hour is 0.0001 a second is 0.000001 a request"
    )
    assert theirs.machine_cost_per_million is None and theirs.token_cost_per_million is None
