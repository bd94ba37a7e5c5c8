"""What the Load tab does: put on a load, or find a limit."""

from demo.session import Reader
from demo.tabs.load.limit_run import LimitRun
from demo.tabs.load.run import LoadRun
from demo.texts import Texts


def modes(texts: Texts) -> list[tuple[str, str]]:
    """Return the choices of the radio buttons."""
    return [(texts("limit.mode_load"), "load"), (texts("limit.mode_limit"), "limit")]


def last_mode(reader: Reader) -> str:
    """Return what the reader did last, for a page that was loaded again."""
    load, limit = reader.session.last(LoadRun), reader.session.last(LimitRun)
    return "limit" if limit and (load is None or load.began < limit.began) else "load"
