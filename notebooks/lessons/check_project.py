"""The checks of the final project: a company's load and outage, replayed on a student's choice."""

from typing import Any

from hostlab import METHODS, get
from hostlab.deployment import Deployment
from hostlab.errors import StartFailed, Unavailable
from hostlab.runtime.engines import AUTO
from hostlab.types import Capability
from notebooks.lessons.project import ProjectCompany
from notebooks.lessons.project_replay import ChoiceFigures, measure_choice
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotHere, NotSolved, Wrong, check, is_missing

texts = LessonTexts("project")

MOST_REPLICAS = 4


@check
def check_ruled_out(ruled_out: Any, company: ProjectCompany) -> str:
    """Compare the methods that the student rules out with those that the company rejects."""
    if is_missing(ruled_out):
        raise NotSolved(texts("ruled_out_unsolved"))
    if not isinstance(ruled_out, (set, list, tuple)) or not all(
        isinstance(one, str) and one in METHODS for one in ruled_out
    ):
        raise Wrong(texts("ruled_out_form", methods=", ".join(METHODS)))
    for method in METHODS:
        if method in company.rules_out and method not in ruled_out:
            raise Wrong(texts("ruled_out_missing", count=len(company.rules_out)))
        if method in ruled_out and method not in company.rules_out:
            raise Wrong(texts("ruled_out_too_many", method=method))
    return texts("ruled_out_ok", reason=texts.table("reasons")[company.name])


@check
def check_choice(choice: Any, company: ProjectCompany) -> str:
    """Replay the company's load and outage on the choice, and compare with every bound."""
    if is_missing(choice):
        raise NotSolved(texts("choice_unsolved"))
    figures = _measured(choice, company)
    compared = [_compared(name, figures, company) for name in company.bounds]
    missed = [name for name in company.bounds if not _holds(name, figures, company)]
    shown = "; ".join(compared) + (texts("was_simulated") if figures.simulated else "")
    if missed:
        raise Wrong(texts("choice_missed", figures=shown))
    return texts("choice_ok", method=choice[0], figures=shown)


@check
def check_rival(rival: Any, bound: Any, company: ProjectCompany) -> str:
    """Replay the same on a choice that is not good enough: it has to miss the bound."""
    if is_missing(rival) or is_missing(bound):
        raise NotSolved(texts("rival_unsolved"))
    if not isinstance(bound, str) or bound not in company.bounds:
        raise Wrong(texts("rival_bound", found=bound, bounds=", ".join(company.bounds)))
    figures = _measured(rival, company)
    compared = _compared(bound, figures, company)
    compared += texts("was_simulated") if figures.simulated else ""
    if _holds(bound, figures, company):
        raise Wrong(texts("rival_holds", figures=compared))
    return texts("rival_ok", method=rival[0], figures=compared)


def _measured(choice: Any, company: ProjectCompany) -> ChoiceFigures:
    """Return what a choice did. Raises Wrong, or NotHere if it doesn't start on this computer."""
    service, engine, replicas = _understood(choice, company)
    try:
        return measure_choice(service, engine, replicas, company)
    except (StartFailed, Unavailable) as error:
        raise NotHere(texts("not_started", method=service.method, message=error)) from error


def _understood(choice: Any, company: ProjectCompany) -> tuple[Deployment, str, int]:
    """Return the parts of a choice. Raises Wrong if it is none, or if it is ruled out."""
    if not isinstance(choice, (tuple, list)) or len(choice) != 3:
        raise Wrong(texts("choice_form", found=choice))
    method, engine, replicas = choice
    if not isinstance(method, str) or method not in METHODS:
        raise Wrong(texts("choice_method", found=method, methods=", ".join(METHODS)))
    service = get(method)
    if method in company.rules_out:
        raise Wrong(texts("choice_ruled_out", method=method))
    engines = {AUTO} if method == "api" else service.engines
    if not isinstance(engine, str) or engine not in engines:
        names = ", ".join(sorted(engines))
        raise Wrong(texts("choice_engine", found=engine, method=method, engines=names))
    most = MOST_REPLICAS if Capability.SCALE in service.capabilities else 1
    if not isinstance(replicas, int) or isinstance(replicas, bool) or not 1 <= replicas <= most:
        raise Wrong(texts("choice_replicas", found=replicas, method=method, most=most))
    return service, engine, replicas


def _holds(name: str, figures: ChoiceFigures, company: ProjectCompany) -> bool:
    return figures.values[name] <= company.bounds[name]


def _compared(name: str, figures: ChoiceFigures, company: ProjectCompany) -> str:
    """Return a figure beside its bound, and how far apart they are."""
    value, limit = figures.values[name], company.bounds[name]
    verdict = "holds" if _holds(name, figures, company) else "misses"
    row = texts.table("figure_texts")[name].format(value=value, limit=limit)
    return texts(verdict, row=row, difference=abs(limit - value))
