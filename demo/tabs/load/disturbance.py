"""What a reader does to the method under load: kill a component, or restart it."""

from markupsafe import Markup

from demo.board import Board
from demo.run_queue import active_run
from demo.session import Reader
from demo.tabs.load.run import LoadRun
from demo.tabs.load.track import Disturbance
from demo.templating import hint, problem
from demo.texts import Texts
from hostlab.errors import HostingLabError


def disturb(board: Board, reader: Reader, what: Disturbance) -> Markup:
    """Kill a component of the method under load, or restart the method; return what to say.

    The board does it, so the Services tab shows it too.
    """
    texts, run = reader.texts, active_run(reader.session, LoadRun)
    if run is None:  # it has ended meanwhile
        return Markup()
    method = run.target(what)
    title = texts.title(method)
    if board.guests.url(method):
        return problem(texts("guests.owner_only", guest=method))
    if any(card.job for card in board.cards() if card.method == method):
        return problem(texts("load.busy", method=title))
    try:
        (board.kill if what == "kill" else board.start)(method)
        run.mark(what, method)
    except HostingLabError as error:
        return problem(str(error))
    return hint(texts(f"load.notice_{what}", method=title))


def kill_label(run: LoadRun | None, texts: Texts) -> str:
    """Return what the button kills: a replica of the method under load."""
    if run is None or run.state != "running":
        return texts("load.kill")
    return texts("load.kill_of", method=texts.title(run.target("kill")))
