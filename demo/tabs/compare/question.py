"""The texts of a question: one text, several lines, or a file.

An error says in a sentence, in the reader's language, what is wrong and what to do.
"""

import csv
import io
from pathlib import Path

from demo.texts import Texts
from deployments.services.contract import MAX_CHARACTERS
from hostlab.errors import BadInput

MAX_TEXTS = 200
MAX_FILE_BYTES = 1_000_000
COLUMN = "text"
FILE_TYPES = (".txt", ".csv")


def texts_of(typed: str, texts: Texts) -> list[str]:
    """Return the texts of a question, one per line. Raises BadInput."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if not lines:
        raise BadInput(texts("problem.empty"))
    if (count := len(lines)) > MAX_TEXTS:
        raise BadInput(
            texts("problem.too_many", count=count, limit=MAX_TEXTS, over=count - MAX_TEXTS)
        )
    for number, line in enumerate(lines, 1):
        if (length := len(line)) > MAX_CHARACTERS:
            which = texts("problem.which", number=number) if len(lines) > 1 else ""
            over = length - MAX_CHARACTERS
            raise BadInput(
                which + texts("problem.too_long", length=length, limit=MAX_CHARACTERS, over=over)
            )
    return lines


def read_file(path: str | Path, texts: Texts) -> str:
    """Return the texts in a file, one per line. Raises BadInput.

    A .txt has one text per line. A .csv has them in the column `text`, or has only one column.
    """
    path = Path(path)
    is_csv = path.suffix.lower() == ".csv"
    content = _content(path, texts)
    lines = _column(path.name, content, texts) if is_csv else content.splitlines()
    found = [" ".join(line.split()) for line in lines]
    if not any(found):
        raise BadInput(texts("problem.file_empty", file=path.name))
    return "\n".join(texts_of("\n".join(found), texts))


def _content(path: Path, texts: Texts) -> str:
    if path.suffix.lower() not in FILE_TYPES:
        raise BadInput(texts("problem.file_type", file=path.name))
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        size_mb, limit_mb = f"{size / 1e6:.1f}", f"{MAX_FILE_BYTES / 1e6:g}"
        raise BadInput(texts("problem.file_size", file=path.name, size=size_mb, limit=limit_mb))
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(texts("problem.file_encoding", file=path.name)) from error


def _column(name: str, content: str, texts: Texts) -> list[str]:
    """Return the column of a table that holds the texts.

    The table is separated by commas, semicolons, or tabs; its first line may name the columns.
    """
    first = content.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    lines = io.StringIO(content, newline="")
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error as error:
        raise BadInput(texts("problem.file_csv", file=name, error=error)) from error
    heads = [head.strip().lower() for head in rows[0]] if rows else []
    if COLUMN in heads:
        place = heads.index(COLUMN)
        return [row[place] for row in rows[1:] if place < len(row)]
    if max(map(len, rows), default=0) > 1:
        columns = ", ".join(heads)
        raise BadInput(texts("problem.file_column", file=name, columns=columns, column=COLUMN))
    return [row[0] for row in rows]
