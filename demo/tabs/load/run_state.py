"""What the page does alike for a load and for a search for a limit: it starts and shows them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import psutil
from markupsafe import Markup

from demo.run_queue import ExclusiveRun, RunQueue, start_own
from demo.session import Reader
from demo.tabs.load.limit_run import LimitRun
from demo.tabs.load.run import LoadRun
from demo.templating import hint, problem, stage
from demo.texts import Texts
from hostlab import METHODS, get
from hostlab.errors import BadInput, HostingLabError
from hostlab.methods.api.spending import check_spending

Run = TypeVar("Run", LoadRun, LimitRun)


def start(
    reader: Reader,
    methods: Sequence[str],
    spend: bool,
    make: Callable[[], ExclusiveRun],
    one_at_a_time: str,
) -> Markup:
    """Start the run that `make` returns; return why it did not begin, or nothing where it did.

    `one_at_a_time` names the text for a reader whose last one still runs: it began on another page
    of the same browser.
    """
    texts = reader.texts
    if not methods:
        return problem(texts("load.none_chosen"))
    try:
        run = make()
    except BadInput as error:
        return problem(str(error))
    if not spend and (reason := _paid(methods)):
        return problem(texts("load.paid", error=reason))
    return Markup() if start_own(reader.session, run) else problem(texts(one_at_a_time))


def seen(
    reader: Reader,
    kind: type[Run],
    queue: RunQueue,
    draw: Callable[[Run, Texts, int, int], Markup],
    somebody: str,
) -> Markup:
    """Return the state of the run of one kind that a reader sees, and what it waits for.

    `draw` returns the state of a run. `somebody` names the text that introduces another reader's.
    """
    texts, run = reader.texts, queue.run_for(reader.session, kind)
    if run is None:
        return _busy(queue.ahead(None), texts)
    ahead, behind = queue.ahead(run), queue.behind(run)
    if run is not reader.session.last(kind):
        return hint(texts(somebody)) + draw(run, texts, 0, behind)
    state = draw(run, texts, len(ahead), behind)
    return state + _busy(ahead, texts) if run.state in ("waiting", "ended") else state


def showing(reader: Reader, kind: type[Run], queue: RunQueue) -> object:
    """Return what `seen` depends on, to compare it with what a page shows already."""
    run = queue.run_for(reader.session, kind)
    ahead = [(id(one), round(one.left_s or 0)) for one in queue.ahead(reader.session.last(kind))]
    stands = run and (id(run), run.state, run.version, run.stopping, queue.behind(run))
    return reader.language, stands, ahead


def state(
    run: LoadRun | LimitRun, asked: str, running: str, texts: Texts, ahead: int, behind: int
) -> Markup:
    """Return what was asked of a run, its state, and how many runs are queued behind it.

    `running` is what to say while it runs, and `ahead` how many runs are queued before it.
    """
    sentences = [asked, _phase(run, running, texts, ahead)]
    if behind:
        sentences.append(texts("load.behind", count=behind))
    return stage(" ".join(sentences)) + _busy_before(run, texts)


def _phase(run: ExclusiveRun, running: str, texts: Texts, ahead: int) -> str:
    if run.state == "ended":
        return texts("load.stopped" if run.stopping else "load.ended")
    if run.state == "waiting":
        return texts("load.waiting_own", count=ahead)
    return texts("load.ending") if run.state == "ending" or run.stopping else running


def _busy_before(run: LoadRun | LimitRun, texts: Texts) -> Markup:
    """Return that other programs kept the machine busy before the run; empty if they did not."""
    threads = psutil.cpu_count() or 1
    if run.load_average is None or run.load_average <= threads:
        return Markup()
    average = texts.number(f"{run.load_average:.1f}")
    return hint(texts("load.busy_before", average=average, threads=threads))


def _busy(ahead: list[ExclusiveRun], texts: Texts) -> Markup:
    """Return what the machine is busy with, and for how long; empty if it is free."""
    if not ahead:
        return Markup()
    names = ", ".join(texts.title(method) for method in ahead[0].methods)
    left_s = ahead[0].left_s
    left = texts("load.about", seconds=f"{left_s:.0f}") if left_s else texts("load.unknown")
    return hint(texts("load.others", names=names, left=left, count=len(ahead)))


def _paid(names: Sequence[str]) -> str | None:
    """Return why requests to these methods may cost money, or None. Guests cost nothing."""
    for method in (name for name in names if name in METHODS):
        try:
            check_spending(get(method).url, None)
        except BadInput as error:
            return str(error)
        except HostingLabError:  # It does not run, as the run itself will report.
            continue
    return None
