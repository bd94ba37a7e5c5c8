"""The simplicity part: what a person writes and runs for each method, counted from this project's
own files.

What counts as a method's own: the program files that a client's request passes through and that
exist only for hosting this way, and the files that describe how they run. Not counted: what all
methods share (services/, model/), READMEs, and what this project has for teaching (deployment.py
and the modules behind it, the local provider, which stands in for somebody else's).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from hostlab.deployment import Deployment
from hostlab.measure.job import Job
from hostlab.measure.statistics import Figure
from hostlab.measure.steps import Step
from hostlab.runtime.paths import ROOT

_HERE = ROOT / "deployments"
_PROGRAMS = ("separate_process/model_service.py", "separate_process/api_service.py")
_IMAGES = (
    "docker/Dockerfile",
    "docker/Dockerfile.dockerignore",
    "docker/requirements-api.txt",
    "docker/requirements-model.txt",
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
_COMPOSE = "docker compose -f deployments/docker/docker-compose.yml"


@dataclass(frozen=True)
class Work:
    """The files of one method, relative to deployments/, and what is typed by hand to start it,
    look at it and stop it.
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
        # the images are Docker's, and so are the files that they are built from
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
        tuple(
            f"api/{name}"
            for name in (
                "api_service.py",
                "config.py",
                "hosted_model.py",
                "provider_client.py",
                "routes.py",
                "route_selection.py",
                "labels.py",
                "error_mapping.py",
                "retry.py",
                "retry_after.py",
                "circuit_breaker.py",
                "prices.py",
                "prices.toml",
            )
        ),
        ("OPENAI_BASE_URL=… OPENAI_API_KEY=… python api_service.py",),
        ("curl localhost:5000/provider",),
        ("Ctrl-C",),
    ),
}


@dataclass
class SimplicityRow:
    """`lines` are those with something on them that is no comment.

    `moving_parts`: processes, containers or pods that run at once.

    `first_answer_s`: from nothing to the first prediction, where the cold start was measured.
    """

    method: str
    files: int = 0
    lines: int = 0
    moving_parts: int = 0
    commands: dict[str, int] = field(default_factory=dict)  # start, look, stop
    first_answer_s: Figure | None = None
    error: str | None = None


@dataclass
class SimplicityResult:
    rows: list[SimplicityRow] = field(default_factory=list)


def measure_simplicity(
    services: Sequence[Deployment], first_answers_s: Mapping[str, Figure] | None = None
) -> Iterator[Step[SimplicityResult]]:
    """Count for each method; nothing has to run.

    `first_answers_s` comes by method from the part on cold starts.
    """
    result = SimplicityResult()
    for service in services:
        if service.method not in WORK:
            result.rows.append(
                SimplicityRow(
                    service.method,
                    error="simplicity.py does not say which files are this method's own.",
                )
            )
            continue
        work = WORK[service.method]
        commands = {what: len(getattr(work, what)) for what in ("start", "look", "stop")}
        lines = sum(count_lines(_HERE / file) for file in work.files)
        first_s = (first_answers_s or {}).get(service.method)
        result.rows.append(
            SimplicityRow(
                service.method,
                len(work.files),
                lines,
                _moving_parts(service.method),
                commands,
                first_s,
            )
        )
    yield Step("What has to be written and run is counted.", 1.0, result)


def count_lines(file: Path) -> int:
    """Return the lines of a file that hold more than a comment, a docstring or white space."""
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
    if method == "docker":
        compose = yaml.safe_load((_HERE / "docker/docker-compose.yml").read_text(encoding="utf-8"))
        return sum(
            service.get("deploy", {}).get("replicas", 1)
            for service in compose["services"].values()
            if not service.get("profiles")
        )
    if method == "kubernetes":
        files = ("model-deployment.yaml", "api-deployment.yaml")
        objects = [
            one
            for file in files
            for one in yaml.safe_load_all((_HERE / "kubernetes" / file).read_text(encoding="utf-8"))
        ]
        return sum(one["spec"].get("replicas", 1) for one in objects if one["kind"] == "Deployment")
    return sum(file.endswith("service.py") for file in WORK[method].files)


def measure_part(job: Job) -> Iterator[Step[SimplicityResult]]:
    """Measure the part, with the first answers of the cold starts where they were measured."""
    cold = job.results["cold-start"].rows if "cold-start" in job.results else []
    first_answers = {row.method: row.first_answer_s for row in cold if row.first_answer_s}
    return measure_simplicity(job.services, first_answers)
