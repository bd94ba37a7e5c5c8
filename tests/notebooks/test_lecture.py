"""The lecture's files beside the project's, and what is marked in them."""

from pathlib import Path

import pytest

from notebooks.lessons import lecture

EXPLAINED = [
    f"{changes.parent.name}/{file}"
    for changes in sorted(lecture.FILES.glob("*/changes.toml"))
    for file in lecture.tomllib.loads(changes.read_text(encoding="utf-8"))
]
CHANGES = """
["run.py"]
ours = "{ours}"

[["run.py".changes]]
lecture = ["host='0.0.0.0'"]
ours = ["127.0.0.1"]
why.en = "`127.0.0.1` & no <network>."
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run.py").write_text("app.run(host='0.0.0.0')\nprint('<end>')\n")
    long = "\n\n".join(f"x = {number}\ny = 0" for number in range(40))
    (tmp_path / "ours.py").write_text(long.replace("x = 20", "serve('127.0.0.1')"))
    (tmp_path / "changes.toml").write_text(CHANGES.format(ours="ours.py"))
    monkeypatch.setattr(lecture, "FILES", tmp_path.parent)
    monkeypatch.setattr(lecture, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_explained_change_is_found_in_both_files(name: str) -> None:
    shown = lecture.beside(name)
    marked = {number for line in [*shown.lecture, *shown.ours] for number in line.numbers}
    assert marked == set(range(1, len(shown.changes) + 1))
    whole = (lecture.FILES / name).read_text(encoding="utf-8").splitlines()
    assert [line.text for line in shown.lecture] == whole


def test_changed_lines_are_marked_and_a_long_file_is_cut(files: Path) -> None:
    shown = lecture.beside(f"{files.name}/run.py")
    assert [line.numbers for line in shown.lecture] == [(1,), ()]
    assert [(line.text, line.numbers, line.left_out) for line in shown.ours] == [
        ("⋮ 60 lines", (), True),
        ("serve('127.0.0.1')", (1,), False),
        ("y = 0", (), False),
        ("", (), False),
        ("⋮ 56 lines", (), True),
    ]


def test_a_paragraph_that_is_not_the_lectures_is_left_out(files: Path) -> None:
    changes = files / "changes.toml"
    changes.write_text(changes.read_text().replace("[[", 'omit = ["serve("]\n[[', 1))
    [line] = lecture.beside(f"{files.name}/run.py").ours
    assert (line.text, line.left_out) == ("⋮ 119 lines", True)


def test_the_page_shows_code_as_code(files: Path) -> None:
    html = lecture.beside(f"{files.name}/run.py")._repr_html_()
    assert '<span class="old"><i>1</i>app.run(host=&#x27;0.0.0.0&#x27;)</span>' in html
    assert '<span class=""><i>&nbsp;</i>print(&#x27;&lt;end&gt;&#x27;)</span>' in html
    assert "<li><code>127.0.0.1</code> &amp; no &lt;network&gt;.</li>" in html


def test_a_file_that_changed_without_its_explanation_is_an_error(files: Path) -> None:
    (files / "ours.py").write_text("serve()\n")
    with pytest.raises(ValueError, match=r"ours.py has no line with '127.0.0.1'"):
        lecture.beside(f"{files.name}/run.py")
