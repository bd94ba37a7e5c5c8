"""The command `hostlab score`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hostlab.cli.console import err, out
from hostlab.errors import BadInput
from hostlab.score import pages, record
from hostlab.score.class_table import class_table
from hostlab.score.summary import lessons, other_variants
from hostlab.score.texts import Note, text
from hostlab.terminal import print_table
from hostlab.types import Language


def score(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="With --merge: the students' pages, or folders that contain them.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Set your name, once: it goes into your record.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page to this file, for example score.html."),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="For teachers: one table of the pages that students wrote."),
    ] = False,
    language: Annotated[
        Language | None,
        typer.Option(help="With --html: the page's language. By default, that of your locale."),
    ] = None,
) -> None:
    """Show which exercises of the lessons are solved, and after how many tries.

    A student hands in the page that --html writes. The teacher makes one table of all pages:
    `hostlab score --merge anna.html boris.html --html class.html`.
    """
    from hostlab.lab import reader_language

    language = language or reader_language()
    if merge:
        if name is not None:
            raise BadInput("--merge is about other people's pages. Use it without --name.")
        _merge(files or [], html, language)
        return
    if files:
        raise BadInput("To make one table of the pages of several students, add --merge.")
    if name is not None:
        out.print(f"This is the record of {record.set_name(name)}.")
    _own(html, language, quiet=name is not None)


def _own(html: Path | None, language: Language, quiet: bool) -> None:
    own = record.load()
    if own.changed:
        numbers = ", ".join(map(str, own.changed))
        err.print(
            f"{record.path()} was changed by hand. These of its lines are not counted: {numbers}.",
            soft_wrap=True,
        )
    if own.name is not None:
        for one in other_variants(own):
            err.print(
                f"{one.lesson_title}: {one.exercise}. {one.title} was solved in another variant "
                "than that of your name. Solve it with your own numbers, and run its check again.",
                soft_wrap=True,
            )
    if html is not None:
        if own.name is None:
            raise BadInput('The page needs your name. Add, for example, --name "Anna Petrova".')
        pages.write(pages.student_page(own, language), html)
        out.print(f"Hand in {html}.", soft_wrap=True)
    elif own.outcomes:
        print_table(_table(own), out)
    elif not quiet:
        out.print("No exercise has been checked yet. Open the lessons with `hostlab lab`.")


def _table(own: record.ScoreRecord) -> Table:
    table = Table("lesson", "exercise", "state", title=own.name)
    table.add_column("tries", justify="right")
    for lesson in lessons(own.outcomes):
        for number in range(1, lesson.of + 1):
            first = f"{lesson.title} ({lesson.solved} of {lesson.of})" if number == 1 else ""
            one = lesson.exercises.get(number)
            if one:
                state = text(Language.EN, f"state.{one.state}")
                table.add_row(first, f"{number}. {one.title}", state, str(one.tries))
            else:
                table.add_row(first, f"{number}.", text(Language.EN, "state.not_begun"), "0")
    return table


def _merge(given: list[Path], html: Path | None, language: Language) -> None:
    if not given or html is None:
        raise BadInput(
            "Name the pages of the students and the file to write, for example: "
            "`hostlab score --merge anna.html boris.html --html class.html`."
        )
    inside = [page for one in given if one.is_dir() for page in sorted(one.glob("*.html"))]
    # The table of an earlier run may be in the same folder.
    files = [one for one in [*(one for one in given if not one.is_dir()), *inside] if one != html]
    records, left_out = {}, list[Note]()
    for file in dict.fromkeys(files):
        found = pages.handed_in(file)
        if isinstance(found, Note):
            left_out.append(found)
        else:
            records[file] = found
    if not records:
        reasons = [one.sentence(Language.EN) for one in left_out]
        raise BadInput("\n".join(["None of the files is a student's page.", *reasons]))
    table = class_table(records, left_out)
    pages.write(pages.class_page(table, language), html)
    for row in table.rows:
        for note in row.notes:
            err.print(f"{row.label}: {note.sentence(Language.EN)}", soft_wrap=True)
    for reason in table.left_out:
        err.print(reason.sentence(Language.EN), soft_wrap=True)
    out.print(f"{html} has the scores of {len(table.rows)} students.", soft_wrap=True)
