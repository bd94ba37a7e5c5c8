"""Execute the lessons and write the site: `python -m notebooks.site [FOLDER]`, or `make site`."""

import argparse
import sys
import time
from itertools import chain
from pathlib import Path

import nbclient.exceptions
import nbformat

from hostlab.runtime.language import language_of
from hostlab.texts import LANGUAGES
from notebooks.site.execution import execute
from notebooks.site.pages import lessons, write_site


def main() -> int:
    """Write the site of both languages; return 1 if a lesson fails, and say which cell did."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.site", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("site"))
    folder = parser.parse_args().folder
    executed: dict[Path, nbformat.NotebookNode] = {}
    for path in chain.from_iterable(map(lessons, LANGUAGES)):
        print(f"Executing {path.name} ({language_of(path)})", end="", flush=True)
        start = time.perf_counter()
        try:
            executed[path] = execute(path)
        except nbclient.exceptions.CellExecutionError as error:
            print(f"\n{error}\nNothing was written. Mend the lesson, and try again.")
            return 1
        print(f": {time.perf_counter() - start:.0f} s")
    write_site(folder, executed)
    print(f"The site is in {folder}: open {folder / 'index.html'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
