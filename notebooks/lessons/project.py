"""The final project: the six companies, which of them a student gets, and what they require."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from IPython.display import Markdown, display

from hostlab.score.variant import draw
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.variant import student_name

texts = LessonTexts("project")


@dataclass(frozen=True)
class ProjectCompany:
    """A company in figures, as companies.toml explains them."""

    name: str
    rate_per_s: float
    burst_per_s: float
    provider_ms: float
    machine_month: float
    per_million: float
    requests_per_month: int
    rules_out: list[str]
    bounds: Mapping[str, float]
    restart_s: float | None = None

    def cost_month(self, method: str) -> float:
        """Return what a month costs: a provider's requests, or a machine that holds the model."""
        by_request = self.per_million * self.requests_per_month / 1e6
        return by_request if method == "api" else self.machine_month


def _read() -> dict[str, ProjectCompany]:
    text = Path(__file__).with_name("companies.toml").read_text(encoding="utf-8")
    return {name: ProjectCompany(name, **figures) for name, figures in tomllib.loads(text).items()}


COMPANIES = _read()


def company_of(student: str) -> ProjectCompany:
    """Return a student's company, which is always the same one.

    Two students may get the same one, because six companies do not suffice for a class.
    """
    return list(COMPANIES.values())[draw(student, len(COMPANIES)).number - 1]


def your_company() -> ProjectCompany:
    """Return the company of the student whose record this is, and show what it requires."""
    student = student_name()
    if not student:
        print(texts("no_name"))
    company = company_of(student)
    display(Markdown(description(company)))
    return company


def description(company: ProjectCompany) -> str:
    """Return what a company is and requires, as Markdown."""
    restart = "restart" if company.restart_s is not None else "no_restart"
    rows = [
        (texts("load"), texts("load_figures", rate=company.rate_per_s, burst=company.burst_per_s)),
        (texts("people"), texts.table("people_figures")[restart].format(s=company.restart_s)),
        (
            texts("budget"),
            texts(
                "budget_figures",
                machine=company.machine_month,
                million=company.per_million,
                thousands=company.requests_per_month / 1000,
            ),
        ),
        (texts("provider"), texts("provider_figures", ms=company.provider_ms)),
        (texts("bounds"), "; ".join(map(_bound_text, company.bounds.items()))),
    ]
    table = "\n".join(f"| {name} | {figures} |" for name, figures in rows)
    title, story = texts.table("titles")[company.name], texts.table("stories")[company.name]
    return f"### {title}\n\n{story}\n\n| | |\n| --- | --- |\n{table}\n"


def _bound_text(bound: tuple[str, float]) -> str:
    name, limit = bound
    return texts.table("bound_texts")[name].format(limit=limit, name=name)
