"""What the Guests tab shows: the check of a service, the board of all guests, and their checks."""

from collections.abc import Sequence

from markupsafe import Markup

from demo.guests import Guest
from demo.tabs.guests.check import GuestCheck
from demo.tabs.guests.measurement import GuestMeasurement
from demo.templating import empty, hint, problem, render, stage
from demo.texts import Texts
from hostlab.guests.contract_check import CHECKS
from hostlab.guests.findings import Finding, foreign_status, no_one_answers


def check(done: GuestCheck, texts: Texts) -> Markup:
    """Return how far a check is, and what it has found."""
    if not done.over:
        return stage(texts("guests.checking", done=len(done.findings), total=len(CHECKS)))
    reason, found = done.problem(texts), done.findings
    different = sum(not finding.conforms for finding in found)
    status = foreign_status(found)
    counts = {"count": different, "total": len(found)}
    if reason:
        notice = problem(reason)
    elif not different:
        notice = hint(texts("guests.conforms", total=len(found)))
    elif done.added:
        notice = hint(texts("guests.differs", **counts))
    elif no_one_answers(found):
        return problem(texts("guests.rejected_nobody", url=str(found[0].values["url"])))
    elif status:
        notice = problem(texts("guests.rejected_foreign", status=status))
    else:
        notice = problem(texts("guests.rejected", **counts))
    return notice + _findings(found, texts, folded=status is not None)


def _findings(found: Sequence[Finding], texts: Texts, folded: bool) -> Markup:
    """Return what differs in two groups: what a guest must do, and what would be better."""
    groups = {
        name: [one for one in found if one.required is required and not one.conforms]
        for name, required in (("must", True), ("better", False))
    }
    counts = {
        name: sum(one.required is (name == "must") for one in found if one.check != "responds")
        for name in groups
    }
    return render(
        "tabs/guests/checked.html.j2", texts=texts, groups=groups, counts=counts, folded=folded
    )


def board(guests: Sequence[Guest], texts: Texts) -> Markup:
    """Return the ranked table: by median latency. Those without one, or away, come last."""
    if not guests:
        return empty(texts("guests.empty"))
    ranked = sorted(
        guests,
        key=lambda one: (not one.ranked, one.away_since is not None, one.figures.p50_ms or 0),
    )
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
