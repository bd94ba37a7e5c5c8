"""The pages of scores: a student's, to hand in, and the class's, which is made of these.

A page needs nothing but itself. A student's page contains the record, which `handed_in` reads.
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from hostlab.errors import BadInput
from hostlab.score.class_table import ClassTable
from hostlab.score.record import ScoreRecord, parse
from hostlab.score.summary import lessons
from hostlab.score.texts import Note, text
from hostlab.types import Language

RECORD_ID = "record"  # of the script element that contains the record
_MAX_BYTES = 5_000_000  # of a page that is read; a record of a thousand checks has a tenth of that
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def _with_code(sentence: str) -> Markup:
    """Return a sentence as HTML, escaped, with what is in backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


_ENVIRONMENT.filters["with_code"] = _with_code


def student_page(record: ScoreRecord, language: Language) -> str:
    """Return a student's page. All text is escaped.

    The titles of lessons and exercises are in the language of the student's notebooks.
    """
    return _ENVIRONMENT.get_template("student.html.j2").render(
        language=language,
        text=partial(text, language),
        record=record,
        record_id=RECORD_ID,
        lessons=lessons(record.outcomes),
    )


def class_page(table: ClassTable, language: Language) -> str:
    """Return the class's page. All text is escaped."""
    return _ENVIRONMENT.get_template("class.html.j2").render(
        language=language, text=partial(text, language), table=table
    )


def write(page: str, file: Path) -> None:
    """Write a page. Raises BadInput where the file cannot be written."""
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{file} cannot be written: {error.strerror or error}. Name another file."
        ) from error


def handed_in(file: Path) -> ScoreRecord | Note:
    """Return the record in a student's page, or for a file that has none, the reason."""
    try:
        with file.open(encoding="utf-8", errors="replace") as page:
            lines = _lines_in(page.read(_MAX_BYTES))
    except OSError:
        return Note("left_out.unreadable", {"file": file})
    except ValueError:
        return Note("left_out.no_page", {"file": file})
    return parse(lines)


def _lines_in(page: str) -> Sequence[str]:
    """Return the lines of the record in a page. Raises ValueError."""
    reader = _RecordReader()
    reader.feed(page)
    if not reader.text:
        raise ValueError("it contains no record")
    lines = json.loads(reader.text)
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError("its record has another form")
    return lines


class _RecordReader(HTMLParser):
    """Collects the text of the script element that contains the record."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._inside = "", False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and ("id", RECORD_ID) in attributes

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text += data
