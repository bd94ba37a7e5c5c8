"""Follow the logs of a method: each component's new lines as they come, each line once."""

import time
from collections.abc import Callable, Iterator

from hostlab.types import ComponentLog

# lines of each component per poll; a component that logs more between two polls loses lines
WINDOW = 1000
OVERLAP = 20  # lines that have to be equal to find the place where the last poll ended
POLL_S = 0.5


def follow(read: Callable[[int], list[ComponentLog]], tail: int) -> Iterator[str]:
    """Yield the last `tail` lines of each component, then new lines, forever.

    `read` is Deployment.component_logs.
    """
    seen = _lines_by_component(read(WINDOW))
    yield "\n".join(str(ComponentLog(name, lines[-tail:])) for name, lines in seen.items())
    last_name = next(reversed(seen), None)
    while True:
        time.sleep(POLL_S)
        for name, lines in _lines_by_component(read(WINDOW)).items():
            if added := new_lines(seen.get(name, []), lines):
                same_component = name == last_name
                yield "\n".join(added) if same_component else str(ComponentLog(name, added))
                last_name = name
            seen[name] = lines


def new_lines(old: list[str], new: list[str]) -> list[str]:
    """Return the lines of `new` after the place where `old` ends.

    Returns all of `new` if that place is not found, as in a new log.
    """
    for end in range(len(new), 0, -1):
        size = min(end, len(old), OVERLAP)
        if size and new[end - size : end] == old[-size:]:
            return new[end:]
    return new


def _lines_by_component(logs: list[ComponentLog]) -> dict[str, list[str]]:
    """Join the lines of a program that ended with those of the one that was started again."""
    lines: dict[str, list[str]] = {}
    for log in logs:
        lines.setdefault(log.name, []).extend(log.lines)
    return lines
