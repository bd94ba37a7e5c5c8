"""What a page shows of its reader's questions, and whether that has changed."""

from dataclasses import dataclass

from demo.session import Reader
from demo.tabs.compare import view
from demo.tabs.compare.comparison import Comparison
from demo.tabs.compare.running import RunningQuestion
from demo.templating import empty


@dataclass(frozen=True)
class Showing:
    """What the notice, the results, and the list of questions depend on."""

    notice: object
    results: object
    history: object


def showing(reader: Reader) -> Showing:
    """Return it as it is now, to compare it with what the page shows already."""
    known, own = reader.session.entries(Comparison), reader.asking
    last = known[-1] if known else None
    always = (reader.language, id(reader.shown), last and (id(last), len(known)))
    asked = own and (id(own), own.version)
    return Showing(asked, (always, asked, last and last.progress), (always, last and last.over))


def goes_on(reader: Reader) -> bool:
    """Return whether a question of the reader is being answered."""
    last, own = reader.session.last(Comparison), reader.asking
    return bool((last and not last.over) or (own and not own.over))


def results(reader: Reader) -> str:
    """Return the comparison that the reader has chosen, else the newest."""
    known = reader.session.entries(Comparison)
    if not known:
        return empty(reader.texts("compare.empty_results"))
    shown = next((one for one in known if one is reader.shown), known[-1])
    own: RunningQuestion | None = reader.asking
    drawn = own.results(reader.language) if own and shown is own.comparison else None
    return drawn or view.results(shown, reader.texts)
