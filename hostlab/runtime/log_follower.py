"""Follow the logs of a method: print each part's new lines as they come, each once, under the part's name."""

import time
from collections.abc import Callable, Iterator

WINDOW = (
    1000  # lines of each part that are looked at; more than that between two looks would be lost
)
_ENOUGH = 20  # lines that have to be the same to know the place again
POLL_S = 0.5


def follow(read: Callable[[int], str], tail: int) -> Iterator[str]:
    """Yield the last `tail` lines of each part, then what comes, for ever. `read` is Deployment.logs."""
    seen = _parts(read(WINDOW))
    yield "\n".join(f"--- {part}\n" + "\n".join(lines[-tail:]) for part, lines in seen.items())
    last_part = next(reversed(seen), None)
    while True:
        time.sleep(POLL_S)
        for part, lines in _parts(read(WINDOW)).items():
            if added := new_lines(seen.get(part, []), lines):
                yield "\n".join([*([f"--- {part}"] if part != last_part else []), *added])
                last_part = part
            seen[part] = lines


def new_lines(old: list[str], new: list[str]) -> list[str]:
    """Return what `new` has after the place where `old` ends; all of it where that is not found, as in a log that was begun anew."""
    for end in range(len(new), 0, -1):
        size = min(end, len(old), _ENOUGH)
        if size and new[end - size : end] == old[-size:]:
            return new[end:]
    return new


def _parts(text: str) -> dict[str, list[str]]:
    """Split what Deployment.logs returns into lines by part; the lines of one that was started again follow each other."""
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n") if text else []:
        if line.startswith("--- "):
            lines = parts.setdefault(line.removeprefix("--- ").partition(",")[0], [])
        else:
            lines.append(line)
    return parts
