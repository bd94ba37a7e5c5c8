"""The lecture's files beside this project's: what changed is marked, and below is why.

`beside("docker/docker-compose.yml")` shows a file of the folder lecture_files/. There, each method
has the lecture's files as they are, and a changes.toml that says, for each of them, which file of
the project took its place and what changed:

    ["docker-compose.yml"]
    ours = "deployments/docker/docker-compose.yml"
    omit = ["hosted-api:"]

    [["docker-compose.yml".changes]]
    lecture = ['version: "3.9"']
    ours = []
    why = "Compose v2 ignores the version and warns about it."

`lecture` and `ours` are fragments: every line that contains one of them is marked with the number
of the change. One of the two lists may be empty, for what was removed or added. A paragraph of
our file with a fragment of `omit`, which may be absent, is left out.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from hostlab.runtime.language import language
from hostlab.runtime.paths import ROOT
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("lecture")

FILES = Path(__file__).parent / "lecture_files"
SHORT = 45  # lines: a longer file of ours is shown without its parts in which nothing is marked

# Transparent colors over the notebook's own background, so that both themes stay readable.
_STYLE = """
.lecture-beside {display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr))}
.lecture-beside figure {margin: 0; min-width: 0}
.lecture-beside figure:first-child {position: sticky; top: 0; align-self: start}
.lecture-beside figcaption {font-weight: bold; margin-bottom: 4px}
.lecture-beside pre {margin: 0; padding: 6px 0; overflow-x: auto; line-height: 1.35;
  font-size: 12px; border: 1px solid rgba(127, 127, 127, .5); border-radius: 4px}
.lecture-beside pre > span {display: block; width: max-content; min-width: 100%;
  box-sizing: border-box; padding-right: 8px}
.lecture-beside i {display: inline-block; min-width: 3em; padding-left: 6px; font-style: normal;
  font-weight: bold; box-sizing: border-box; user-select: none}
.lecture-beside .old {background: rgba(213, 94, 0, .22)}
.lecture-beside .new {background: rgba(0, 158, 115, .22)}
.lecture-beside .cut {opacity: .65}
.lecture-why {margin-top: 10px}
"""


@dataclass(frozen=True)
class Change:
    """One change: fragments of the lines of the lecture's file and of ours, and the reason.

    `why` is one or more sentences, with code in `backticks`.
    """

    lecture: Sequence[str]
    ours: Sequence[str]
    why: str


@dataclass(frozen=True)
class Line:
    """One line of a file, and the numbers of the changes that it belongs to.

    `left_out` marks the line that stands for those that are not shown.
    """

    text: str
    numbers: tuple[int, ...] = ()
    left_out: bool = False


@dataclass(frozen=True)
class Beside:
    """Two files with their marked lines, as a notebook shows them."""

    name: str
    ours_name: str
    lecture: Sequence[Line]
    ours: Sequence[Line]
    changes: Sequence[Change]

    def _repr_html_(self) -> str:
        """Return two columns, the lecture's file on the left, and the reasons below."""
        left = _column(texts("lecture", name=self.name), self.lecture, "old")
        right = _column(texts("ours", name=self.ours_name), self.ours, "new")
        reasons = "".join(f"<li>{_formatted(one.why)}</li>" for one in self.changes)
        return (
            f"<style>{_STYLE}</style>"
            f'<div class="lecture-beside">{left}{right}</div>'
            f'<ol class="lecture-why">{reasons}</ol>'
        )

    def __repr__(self) -> str:
        """Return the same as text, one file below the other."""
        parts = []
        for title, lines in (
            (texts("lecture", name=self.name), self.lecture),
            (texts("ours", name=self.ours_name), self.ours),
        ):
            parts += [title, *(f"{_badge(line):>4} {line.text}".rstrip() for line in lines), ""]
        return "\n".join(
            parts + [f"{number}. {one.why}" for number, one in enumerate(self.changes, 1)]
        )


def beside(name: str) -> Beside:
    """Return one of the lecture's files, such as docker/Dockerfile, beside the project's.

    Raises ValueError if a fragment that changes.toml names is in no line, because then the file
    has changed and its explanation has not.
    """
    method, _, file = name.partition("/")
    described = tomllib.loads((FILES / method / "changes.toml").read_text(encoding="utf-8"))[file]
    changes = [
        Change(one["lecture"], one["ours"], one["why"][language()]) for one in described["changes"]
    ]
    lecture, ours = FILES / name, ROOT / described["ours"]
    return Beside(
        file,
        described["ours"],
        _marked(lecture, [one.lecture for one in changes]),
        _shortened(_marked(ours, [one.ours for one in changes]), described.get("omit", [])),
        changes,
    )


def _marked(file: Path, fragments: Sequence[Sequence[str]]) -> list[Line]:
    """Return the lines of a file, each with the numbers of the changes that name a part of it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for fragment in (one for change in fragments for one in change):
        if not any(fragment in line for line in lines):
            raise ValueError(
                f"{file.name} has no line with {fragment!r}, which changes.toml names. "
                "Update the explanation of the change."
            )
    return [
        Line(
            line,
            tuple(
                number
                for number, change in enumerate(fragments, 1)
                if any(fragment in line for fragment in change)
            ),
        )
        for line in lines
    ]


def _shortened(lines: list[Line], omit: Sequence[str]) -> list[Line]:
    """Replace each run of paragraphs in a long file that shows nothing with its number of lines."""
    if len(lines) <= SHORT:
        return lines
    shown: list[Line] = []
    left_out = 0
    for paragraph in _paragraphs(lines):
        omitted = any(fragment in line.text for fragment in omit for line in paragraph)
        if any(line.numbers for line in paragraph) and not omitted:
            shown += [*_cut(left_out), *paragraph]
            left_out = 0
        else:
            left_out += len(paragraph)
    return [*shown, *_cut(left_out)]


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines after each empty one."""
    paragraphs: list[list[Line]] = [[]]
    for line in lines:
        paragraphs[-1].append(line)
        if not line.text.strip():
            paragraphs.append([])
    return paragraphs


def _cut(count: int) -> list[Line]:
    return [Line(texts("left_out", count=count), left_out=True)] if count else []


def _badge(line: Line) -> str:
    return ",".join(map(str, line.numbers))


def _column(title: str, lines: Sequence[Line], css: str) -> str:
    rows = "".join(
        f'<span class="{_css_of(line, css)}"><i>{_badge(line) or "&nbsp;"}</i>'
        f"{escape(line.text)}</span>"
        for line in lines
    )
    return f"<figure><figcaption>{escape(title)}</figcaption><pre>{rows}</pre></figure>"


def _css_of(line: Line, css: str) -> str:
    if line.left_out:
        return "cut"
    return css if line.numbers else ""


def _formatted(sentence: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))
