"""Links of the lessons, made to work inside the site: to its own pages, and to copies of files."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from hostlab.runtime.paths import ROOT

_LINKED_WORDS = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
# Where the site shows the files that lessons mention. Not `files`: nbconvert cuts that from links.
_FILES = "project"


@dataclass
class Links:
    """Where the notebooks and Markdown pages of the course are in the site, by their paths."""

    pages: dict[Path, str]
    files: set[Path] = field(default_factory=set)  # linked, and so to be shown in the site

    def rewritten(self, markdown: str, source: Path, up: str) -> str:
        """Return Markdown of the file `source` with links that work in the site.

        `up` leads from the page to the site's folder. Raises ValueError for a link to nothing.
        """

        def to_site(found: re.Match[str]) -> str:
            link, anchor = re.fullmatch(r"([^#]*)(#.*)?", found[2]).groups(default="")
            if not link or re.match("[a-z]+:", link):
                return found[0]
            target = (source.parent / link).resolve()
            if target not in self.pages and not target.is_file():
                raise ValueError(f"{source.name} has a link to {link}, which does not exist.")
            return found[1] + up + self._in_site(target) + anchor + found[3]

        return _LINK.sub(to_site, markdown)

    def _in_site(self, target: Path) -> str:
        if target in self.pages:
            return self.pages[target]
        self.files.add(target)
        return file_page(target)


def file_page(target: Path) -> str:
    """Return the page in the site that shows a file of the project."""
    return f"{_FILES}/{'.'.join(target.relative_to(ROOT).parts)}.html"


def without_links(markdown: str) -> str:
    """Return Markdown that a cell printed with the words of its links only.

    They were written for the place of another file, such as the model's card.
    """
    return _LINKED_WORDS.sub(lambda found: found[0] if ":" in found[2] else found[1], markdown)
