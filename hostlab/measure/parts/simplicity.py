"""The simplicity part: what you write and run for each method, counted from this project's files.

A method's own files are the programs that a client's request passes through and that exist only for
this method, and the files that describe how they run. Not counted are what all methods share
(services/, model/), READMEs, and what this project has for teaching: the package hostlab, and the
local provider, which stands in for an external one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hostlab.deployment import Deployment
from hostlab.measure.job import Job
from hostlab.measure.statistics import Figure
from hostlab.measure.steps import Step
from hostlab.runtime.paths import COURSE
from hostlab.runtime.progress import Sentence

_PROGRAMS = ("separate_process/model_service.py", "separate_process/api_service.py")
_IMAGES = (
    "docker/Dockerfile",
    "docker/Dockerfile.dockerignore",
    "docker/requirements-api.txt",
    "docker/requirements-model.txt",
    "docker/requirements-export.txt",
    "docker/healthcheck.py",
)
_MANIFESTS = tuple(
    f"kubernetes/{name}"
    for name in (
        "namespace.yaml",
        "model-deployment.yaml",
        "api-deployment.yaml",
        "kustomization.yaml",
    )
)
_API = tuple(
    f"api/{file.name}"
    for file in sorted((COURSE / "api").glob("[!_]*"))
    if file.suffix in (".py", ".toml")
)
_COMPOSE = "docker compose -f deployments/docker/docker-compose.yml"


@dataclass(frozen=True)
class Work:
    """The files of one method, relative to deployments/, and the commands that you type by hand.

    They start it, inspect it (`look`), and stop it.
    """

    files: tuple[str, ...]
    start: tuple[str, ...]
    look: tuple[str, ...]
    stop: tuple[str, ...]


WORK = {
    "in-process": Work(
        ("in_process/service.py",),
        ("python service.py",),
        ("curl localhost:5000/ready",),
        ("Ctrl-C",),
    ),
    "separate-process": Work(
        _PROGRAMS,
        ("python model_service.py", "python api_service.py"),
        ("curl localhost:5001/ready", "curl localhost:5000/ready"),
        ("Ctrl-C", "Ctrl-C"),
    ),
    "docker": Work(
        (*_PROGRAMS, *_IMAGES, "docker/docker-compose.yml"),
        (f"{_COMPOSE} up --detach --wait",),
        (f"{_COMPOSE} ps",),
        (f"{_COMPOSE} down",),
    ),
    "kubernetes": Work(
        # It runs the images of `docker`, so the files that they are built from count, too.
        (*_PROGRAMS, *_IMAGES, "docker/docker-compose.yml", *_MANIFESTS),
        (
            f"{_COMPOSE} build",
            "kubectl apply -k deployments/kubernetes",
            "kubectl -n hosting-lab rollout status deployment/api-service",
        ),
        ("kubectl -n hosting-lab get pods",),
        ("kubectl delete -k deployments/kubernetes",),
    ),
    "api": Work(
        _API,
        ("OPENAI_BASE_URL=… OPENAI_API_KEY=… python api_service.py",),
        ("curl localhost:5000/provider",),
        ("Ctrl-C",),
    ),
}


@dataclass
class SimplicityRow:
    """The counts of one method.

    `lines`: without blank lines and comments. `moving_parts`: processes, containers, or pods that
    run at the same time. `commands`: how many to start, look, and stop. `first_answer_s`: from
    nothing to the first prediction, where the cold start was measured.
    """

    method: str
    files: int = 0
    lines: int = 0
    moving_parts: int = 0
    commands: dict[str, int] = field(default_factory=dict)
    first_answer_s: Figure | None = None
    error: str | None = None


@dataclass
class SimplicityResult:
    """A row for each method."""

    rows: list[SimplicityRow] = field(default_factory=list)


def measure_simplicity(
    services: Sequence[Deployment], first_answers_s: Mapping[str, Figure] | None = None
) -> Iterator[Step[SimplicityResult]]:
    """Count the work of each method. No service has to run.

    `first_answers_s` has the seconds by method, from the part on cold starts.
    """
    first_s = first_answers_s or {}
    rows = [_row(service.method, first_s.get(service.method)) for service in services]
    yield Step(Sentence("measure.simplicity"), 1.0, SimplicityResult(rows))


def _row(method: str, first_answer_s: Figure | None) -> SimplicityRow:
    if method not in WORK:
        error = f"The files of {method} are not known. Add them to WORK in simplicity.py."
        return SimplicityRow(method, error=error)
    work = WORK[method]
    return SimplicityRow(
        method,
        files=len(work.files),
        lines=sum(count_lines(COURSE / file) for file in work.files),
        moving_parts=_moving_parts(method),
        commands={"start": len(work.start), "look": len(work.look), "stop": len(work.stop)},
        first_answer_s=first_answer_s,
    )


def count_lines(file: Path) -> int:
    """Return how many lines of a file hold more than a comment, a docstring, or white space."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if file.suffix == ".py":
        lines = _without_docstrings(lines)
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


def _without_docstrings(lines: Sequence[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        marks = line.count('"""')
        if inside or line.strip().startswith('"""'):
            inside = inside != (marks % 2 == 1)
        else:
            kept.append(line)
    return kept


def _moving_parts(method: str) -> int:
    """Return how many processes, containers, or pods the method's own files ask for."""
    if method == "docker":
        (compose,) = _documents("docker/docker-compose.yml")
        services = [one for one in compose["services"].values() if not one.get("profiles")]
        return sum(one.get("deploy", {}).get("replicas", 1) for one in services)
    if method == "kubernetes":
        files = ("kubernetes/model-deployment.yaml", "kubernetes/api-deployment.yaml")
        objects = [one for file in files for one in _documents(file)]
        return sum(one["spec"].get("replicas", 1) for one in objects if one["kind"] == "Deployment")
    return sum(file.endswith("service.py") for file in WORK[method].files)


def _documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((COURSE / file).read_text(encoding="utf-8")))


def measure_part(job: Job) -> Iterator[Step[SimplicityResult]]:
    """Measure the part, with the first answers of the cold starts where they were measured."""
    cold = job.results["cold-start"].rows if "cold-start" in job.results else []
    first_answers = {row.method: row.first_answer_s for row in cold if row.first_answer_s}
    return measure_simplicity(job.services, first_answers)
