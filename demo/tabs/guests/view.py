"""What the Guests tab shows: the check of a service, the board of all guests, and their checks."""

from collections.abc import Sequence

from markupsafe import Markup

from demo.guests import Guest
from demo.tabs.guests.check import GuestCheck
from demo.tabs.guests.measurement import GuestMeasurement
from demo.templating import empty, hint, problem, render, stage
from demo.texts import Texts
from hostlab.guests.contract_check import CHECKS


def check(done: GuestCheck, texts: Texts) -> Markup:
    """Return how far a check is, and what it has found."""
    if reason := done.problem(texts):
        return problem(reason)
    if not done.over:
        return stage(texts("guests.checking", done=len(done.findings), total=len(CHECKS)))
    different = sum(not finding.conforms for finding in done.findings)
    if not different:
        return hint(texts("guests.conforms", total=len(done.findings)))
    name = "guests.differs" if done.added else "guests.rejected"
    notice = hint if done.added else problem
    return notice(texts(name, count=different, total=len(done.findings))) + render(
        "tabs/guests/findings.html.j2", texts=texts, findings=done.findings
    )


def board(guests: Sequence[Guest], texts: Texts) -> Markup:
    """Return the ranked table: by median latency, those without one last."""
    if not guests:
        return empty(texts("guests.empty"))
    ranked = sorted(guests, key=lambda one: (one.figures.p50_ms is None, one.figures.p50_ms or 0))
    return render("tabs/guests/board.html.j2", texts=texts, guests=ranked)


def checks(guests: Sequence[Guest], texts: Texts) -> Markup:
    """Return a list for each guest that differs from the contract."""
    different = [guest for guest in guests if guest.conforming < len(guest.findings)]
    return render("tabs/guests/checks.html.j2", texts=texts, guests=different)


def measuring(run: GuestMeasurement | None, ahead: int, texts: Texts) -> Markup:
    """Return how far a measurement is; nothing where there is none, or it has ended."""
    if run is None or run.over:
        return Markup()
    if run.state == "waiting":
        return stage(texts("guests.waiting", ahead=ahead))
    done, total = run.progress
    return stage(texts("guests.measuring", done=done, total=total, left=f"{run.left_s:.0f}"))
