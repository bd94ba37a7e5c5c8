"""The check of lesson 06 on choosing a method for a company, and defending it with figures."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import COMPANY
from notebooks.lessons.verdict import NotSolved, Wrong, check, is_missing

texts = LessonTexts("compare")

ROUNDING = 0.05  # how far a figure that is copied by hand may be off, as a share


@dataclass(frozen=True)
class Company:
    """What a company requires.

    `proof` is the deciding column of the facts, which the defense must contain. `passes` takes the
    chosen method's figure and those of all methods. `ruled_out` are the methods that the company
    rejects for a reason that no figure shows.
    """

    proof: str
    passes: Callable[[Any, pd.Series], bool]
    ruled_out: tuple[str, ...] = ()


COMPANIES = {
    "bank": Company("back_by_itself", lambda one, all_: bool(one), ruled_out=("api", "kubernetes")),
    "museum": Company("disk_mb", lambda one, all_: one <= 500),
    "game": Company(
        "p50_ms", lambda one, all_: one <= 1.25 * all_.min(), ruled_out=("docker", "kubernetes")
    ),
}


def your_company(facts: pd.DataFrame) -> str:
    """Return the company of the student whose record this is, and print its name.

    It is another one if the report lacks the figure of the only method that suits the student's.
    """
    drawn, company = COMPANY.show(), _company(facts)
    if company != drawn:
        print(texts("defense_instead", drawn=drawn, company=company))
    return company


def _company(facts: pd.DataFrame) -> str:
    drawn = COMPANY.own()
    without_docker = bool(pd.isna(facts.loc["docker", COMPANIES["bank"].proof]))
    return "museum" if drawn == "bank" and without_docker else drawn


@check
def check_defense(
    method: Any,
    figures: Sequence[tuple[str, str, Any]],
    facts: pd.DataFrame,
) -> str:
    """Compare the choice for the student's company, and its figures, with the student's report."""
    company = _company(facts)
    if is_missing(method):
        raise NotSolved(texts("defense_unsolved", company=company))
    if not isinstance(method, str) or method not in facts.index:
        raise Wrong(texts("defense_no_method", found=method, methods=", ".join(facts.index)))
    claims: Sequence[Any] = figures
    if _is_claim(figures) or not isinstance(figures, (list, tuple)):
        claims = [figures]  # a single one, without a list around it
    for claim in claims:
        _judge_claim(claim, facts)
    value = _judge_choice(company, method, facts)
    proof = COMPANIES[company].proof
    claimed = {(column, other) for column, other, _ in claims}
    if (proof, method) not in claimed:
        raise Wrong(texts("defense_no_proof", company=company))
    if not any(column == proof and other != method for column, other in claimed):
        raise Wrong(texts("defense_no_rival"))
    return texts(
        "defense_ok", method=method, company=company, count=len(claims), column=proof, value=value
    )


def _judge_choice(company: str, method: str, facts: pd.DataFrame) -> str:
    """Return the deciding figure. Raises Wrong if the method does not suit the company."""
    requirement = COMPANIES[company]
    column = requirement.proof
    if method in requirement.ruled_out:
        raise Wrong(texts.table("ruled_out")[company].format(method=method))
    measured = facts[column].dropna()
    if method not in measured.index:
        raise Wrong(texts("defense_not_measured", method=method, column=column))
    value = _short(measured[method])
    if not requirement.passes(measured[method], measured):
        raise Wrong(
            texts.table("defense_fails")[company].format(method=method, column=column, value=value)
        )
    return value


def _judge_claim(claim: Any, facts: pd.DataFrame) -> None:
    """Raise Wrong unless a claimed figure is in the report."""
    if not _is_claim(claim):
        raise Wrong(texts("claim_form", found=claim))
    column, method, value = claim
    if column not in facts.columns or method not in facts.index:
        columns = ", ".join(facts.columns)
        raise Wrong(texts("claim_unknown", column=column, method=method, columns=columns))
    measured = facts.loc[method, column]
    if pd.isna(measured):
        raise Wrong(texts("claim_not_measured", column=column, method=method))
    if isinstance(measured, (bool, np.bool_)):
        same = value == measured
    else:
        same = isinstance(value, Real) and math.isclose(value, measured, rel_tol=ROUNDING)
    if not same:
        raise Wrong(
            texts(
                "claim_wrong", column=column, method=method, value=value, measured=_short(measured)
            )
        )


def _is_claim(found: Any) -> bool:
    """Return whether something has the form of a figure: (column, method, value)."""
    is_three = isinstance(found, (list, tuple)) and len(found) == 3
    return is_three and all(isinstance(one, str) for one in found[:2])


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
