"""The site's pages, made by nbconvert from executed notebooks."""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename

from hostlab.runtime.paths import ROOT
from hostlab.texts import LANGUAGES
from notebooks.site.links import Links, file_page, without_links

HERE = Path(__file__).parent
_ASSETS = ("mermaid.min.js", "mermaid.LICENSE", "course.css")


@dataclass(frozen=True)
class Neighbor:
    """A page that another one leads to: its file, seen from there, and its title."""

    file: str
    title: str


def lessons(language: str) -> list[Path]:
    """Return the solved notebooks of a language, in the order of the lessons."""
    return sorted((_source(language) / "solutions").glob("*.ipynb"))


def write_site(folder: Path, executed: Mapping[Path, nbformat.NotebookNode]) -> None:
    """Write all pages of both languages into `folder`, which is created.

    `executed` has the notebooks by the paths of `lessons`. Raises ValueError for a broken link.
    """
    links = Links({page: where for language in LANGUAGES for page, where in _pages(language)})
    for language in LANGUAGES:
        _write_language(folder, language, executed, links)
    for name in _ASSETS:
        shutil.copy(HERE / name, folder)
    for path in links.files:
        _write_file(folder / file_page(path), path)


def _pages(language: str) -> list[tuple[Path, str]]:
    """Return what the course's own links lead to, and where each is in the site."""
    here, up = _source(language), _inside(language)
    found = [(here / "start.md", f"{up}index.html")]
    for path in lessons(language):
        page = f"{up}{path.stem}.html"
        found += [(path, page), (here / path.name, page)]
    return found


def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))


def _source(language: str) -> Path:
    return ROOT / "notebooks" / _inside(language)


def _inside(language: str) -> str:
    """Return the folder of a language in the course and in the site: English is at the top."""
    return "" if language == "en" else f"{language}/"


def _write_language(
    folder: Path, language: str, executed: Mapping[Path, nbformat.NotebookNode], links: Links
) -> None:
    words = _words()[language]
    (folder / _inside(language)).mkdir(parents=True, exist_ok=True)
    paths = lessons(language)
    titles = [Neighbor(f"{path.stem}.html", _title(executed[path])) for path in paths]
    start = _source(language) / "start.md"
    sources = [(start, _page_of(start)), *((path, executed[path]) for path in paths)]
    row = [Neighbor("index.html", words["course"]), *titles]
    exporter = HTMLExporter(
        template_name="course",
        extra_template_basedirs=[str(HERE / "templates")],
        language_code=language,
    )
    up = "../" if _inside(language) else ""
    for number, (path, notebook) in enumerate(sources):
        for cell in notebook.cells:
            _mend_links(cell, path, up, links)
        page = {
            "up": up,
            "number": number,
            "title": row[number].title,
            "lessons": titles,
            "other_language": _other_language(language, row[number].file),
            "executed": _executed(notebook, words),
            "previous": row[number - 1] if number else None,
            "next": row[number + 1] if number + 1 < len(row) else None,
        }
        notebook.metadata["title"] = row[number].title
        exporter.environment.globals.update(page=page, words=words)
        body, _ = exporter.from_notebook_node(notebook)
        (folder / _inside(language) / row[number].file).write_text(body, encoding="utf-8")


def _mend_links(cell: nbformat.NotebookNode, path: Path, up: str, links: Links) -> None:
    """Make the links of a cell, and of the Markdown that it printed, work in the site."""
    if cell.cell_type == "markdown":
        cell.source = links.rewritten(cell.source, path, up)
    for output in cell.get("outputs", []):
        if "text/markdown" in output.get("data", {}):
            output.data["text/markdown"] = without_links(output.data["text/markdown"])


def _page_of(markdown: Path) -> nbformat.NotebookNode:
    """Return a notebook with the Markdown page as its only cell."""
    cell = nbformat.v4.new_markdown_cell(markdown.read_text(encoding="utf-8"))
    return nbformat.v4.new_notebook(cells=[cell])


def _title(notebook: nbformat.NotebookNode) -> str:
    """Return the heading of a lesson up to its colon: `3. Docker`."""
    heading = str(notebook.cells[0].source).splitlines()[0]
    return heading.removeprefix("# ").partition(":")[0]


def _other_language(language: str, file: str) -> dict[str, str]:
    [other] = set(LANGUAGES) - {language}
    way = "../" if other == "en" else f"{other}/"
    return {"code": other, "name": _words()[other]["language"], "file": way + file}


def _executed(notebook: nbformat.NotebookNode, words: Mapping[str, str]) -> str | None:
    """Return the sentence about when and where the notebook ran; None for a page that never ran."""
    where = notebook.metadata.get("executed")
    if where is None:
        return None
    if not where["missing"]:
        return words["executed"].format(**where)
    missing = ", ".join(where["missing"])
    return words["executed_without"].format(**where | {"missing": missing})


def _write_file(target: Path, path: Path) -> None:
    """Write a page that shows a file of the project, with its code highlighted."""
    target.parent.mkdir(parents=True, exist_ok=True)
    name = path.relative_to(ROOT).as_posix()
    formatter = HtmlFormatter(full=True, title=name, linenos="inline")
    text = path.read_text(encoding="utf-8")
    target.write_text(
        highlight(text, get_lexer_for_filename(path.name), formatter), encoding="utf-8"
    )
