"""What a page shows of its reader's questions, and whether that has changed."""

from dataclasses import dataclass

from demo.session import Reader
from demo.tabs.compare import view
from demo.tabs.compare.comparison import Comparison
from demo.tabs.compare.running import RunningQuestion
from demo.templating import empty

ASKING_S = 0.25
MEASURING_S = 0.8  # less often, because to look takes CPU time from what is measured
IDLE_S = 2.0


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


def look_again_s(reader: Reader) -> float:
    """Return in how many seconds the page looks again for news of a question."""
    last, own = reader.session.last(Comparison), reader.asking
    if last and not last.over:
        return ASKING_S if last.stage == "asking" else MEASURING_S
    return ASKING_S if own and not own.over else IDLE_S


def shown(reader: Reader) -> Comparison | None:
    """Return the comparison that the reader has chosen, else the newest; None if there is none."""
    known = reader.session.entries(Comparison)
    newest = known[-1] if known else None
    return next((one for one in known if one is reader.shown), newest)


def results(reader: Reader) -> str:
    """Return what the comparison on the page shows."""
    comparison = shown(reader)
    if comparison is None:
        return empty(reader.texts("compare.empty_results"))
    own: RunningQuestion | None = reader.asking
    drawn = own.results(reader.language) if own and comparison is own.comparison else None
    return drawn or view.results(comparison, reader.texts)
