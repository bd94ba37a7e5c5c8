"""What a reader wants classified: one text, several lines, or a file. What cannot be used is said in a sentence with a next step."""

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


def texts_of(typed: str, said: Texts) -> list[str]:
    """Return the texts in what was typed, one a line. Raises BadInput."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if not lines:
        raise BadInput(said("problem.empty"))
    if len(lines) > MAX_TEXTS:
        raise BadInput(
            said("problem.too_many", count=len(lines), limit=MAX_TEXTS, over=len(lines) - MAX_TEXTS)
        )
    for number, line in enumerate(lines, 1):
        if (length := len(line)) > MAX_CHARACTERS:
            which = said("problem.which", number=number) if len(lines) > 1 else ""
            raise BadInput(
                which
                + said(
                    "problem.too_long",
                    length=length,
                    limit=MAX_CHARACTERS,
                    over=length - MAX_CHARACTERS,
                )
            )
    return lines


def read_file(path: str | Path, said: Texts) -> str:
    """Return a file's texts, one a line: those of a .txt as they are, of a .csv the column `text`, or its only one. Raises BadInput."""
    path = Path(path)
    if path.suffix.lower() not in FILE_TYPES:
        raise BadInput(said("problem.file_type", file=path.name))
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise BadInput(
            said(
                "problem.file_size",
                file=path.name,
                size=f"{size / 1e6:.1f}",
                limit=f"{MAX_FILE_BYTES / 1e6:g}",
            )
        )
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(said("problem.file_encoding", file=path.name)) from error
    lines = (
        _column(path.name, content, said) if path.suffix.lower() == ".csv" else content.splitlines()
    )
    texts = [" ".join(line.split()) for line in lines]
    if not any(texts):
        raise BadInput(said("problem.file_empty", file=path.name))
    return "\n".join(texts_of("\n".join(texts), said))


def _column(name: str, content: str, said: Texts) -> list[str]:
    """Return one column of a table whose first line may name its columns; it may be separated by commas, semicolons or tabs."""
    first = content.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator) if row
        ]
    except csv.Error as error:
        raise BadInput(said("problem.file_csv", file=name, error=error)) from error
    heads = [head.strip().lower() for head in rows[0]] if rows else []
    if COLUMN in heads:
        place = heads.index(COLUMN)
        return [row[place] for row in rows[1:] if place < len(row)]
    if max(map(len, rows), default=0) > 1:
        raise BadInput(
            said("problem.file_column", file=name, columns=", ".join(heads), column=COLUMN)
        )
    return [row[0] for row in rows]
