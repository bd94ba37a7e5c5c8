"""The difficulty of adoption part: required tools, disk space, and the cost of a million requests.

A method on a rented machine costs the machine's hours. A method that uses a provider costs tokens,
and a small machine as well.
"""

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.http import local_session
from hostlab.measure.job import Job
from hostlab.measure.steps import Step
from hostlab.runtime.paths import COURSE
from hostlab.runtime.progress import Sentence

# The requirements of methods that run in a Python environment. The others run from images.
_LOCAL_MODEL = ("requirements-api.txt", "requirements-model.txt", "requirements-export.txt")
REQUIREMENTS = {
    "in-process": _LOCAL_MODEL,
    "separate-process": _LOCAL_MODEL,
    "api": ("requirements-api.txt", "requirements-hosted.txt"),
}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
WEIGHTS = COURSE / "model" / "weights"


@dataclass
class DifficultyRow:
    """`tools`: what the machine needs besides Python, and `missing`: what it lacks.

    `disk_mb`: packages and weights, or images; None where it is not known. Costs are for a million
    requests of one short text: the machine's at full use, in the currency of `machine_hour`, and
    the provider's tokens, in `currency`.
    """

    method: str
    tools: list[str] = field(default_factory=list)
    missing: str | None = None
    disk_mb: float | None = None
    machine_cost_per_million: float | None = None
    token_cost_per_million: float | None = None
    currency: str = ""
    error: str | None = None


@dataclass
class DifficultyResult:
    """A row for each method. `machine_hour`: what an hour of the machine costs the user."""

    machine_hour: float | None = None
    rows: list[DifficultyRow] = field(default_factory=list)


def measure_difficulty(
    services: Sequence[Deployment],
    machine_hour: float | None = None,
    per_s: Mapping[str, float] | None = None,
) -> Iterator[Step[DifficultyResult]]:
    """Count tools, disk space, and costs. No service has to run.

    Tokens are known only while `api` runs and has responded to requests. `machine_hour`: what an
    hour of a machine like this one costs you. `per_s`: the maximum of requests a second by method,
    from the throughput part.
    """
    result = DifficultyResult(machine_hour)
    for number, service in enumerate(services):
        yield Step(Sentence("measure.needs", method=service.method), number / len(services), result)
        tools = [tool.name for tool in service.tools()]
        row = DifficultyRow(service.method, tools, service.missing_tools())
        result.rows.append(row)
        row.disk_mb = _disk_mb(service.method)
        if machine_hour is not None and (most := (per_s or {}).get(service.method)):
            row.machine_cost_per_million = machine_hour / 3600 / most * 1e6
        if service.method == "api":
            row.token_cost_per_million, row.currency = _tokens(service)
    yield Step(Sentence("measure.difficulty"), 1.0, result)


def packages(names: Sequence[str]) -> set[str]:
    """Return these packages and all that they require.

    A requirement that is not installed here is left out, because it is for another system.
    """
    found, left = set(), [name.lower() for name in names]
    while left:
        name = left.pop()
        if name in found:
            continue
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        matches = (_NAME.match(need) for need in needs if "extra ==" not in need)
        left += [match[0].lower().replace("_", "-") for match in matches if match]
    return found


def _disk_mb(method: str) -> float | None:
    if method not in REQUIREMENTS:
        return _images_mb()
    lines = [line for file in REQUIREMENTS[method] for line in _lines(COURSE / "docker" / file)]
    needed = packages([match[0] for line in lines if (match := _NAME.match(line))])
    size = sum(map(_package_size, needed))
    weights = sum(file.stat().st_size for file in WEIGHTS.iterdir()) if method != "api" else 0
    return (size + weights) / 1e6


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _package_size(name: str) -> int:
    paths = (Path(str(file.locate())) for file in importlib.metadata.files(name) or [])
    return sum(path.stat().st_size for path in paths if path.exists())


def _images_mb() -> float | None:
    """Return the size of both images, or None if they do not exist. Shared layers count twice."""
    # Imported here, because loading the engine's client takes a moment.
    from hostlab.methods.docker import compose, engine

    try:
        client = engine.api()
        with engine.engine_errors():
            found = [client.images(name=f"{image}:{compose.VERSION}") for image in compose.IMAGES]
    except HostingLabError:
        return None
    return sum(one[0]["Size"] for one in found) / 1e6 if all(found) else None


def _tokens(service: Deployment) -> tuple[float | None, str]:
    status = service.status()
    if status.state != "running":
        return None, ""
    with local_session() as session:
        provider = session.get(f"{status.url}/provider", timeout=5).json()
    if not provider["texts"] or provider["cost"] is None:
        return None, ""
    return provider["cost"] / provider["texts"] * 1e6, provider["currency"]


def measure_part(job: Job) -> Iterator[Step[DifficultyResult]]:
    """Measure the part, with the throughput where it was measured."""
    rows = job.results["throughput"].rows if "throughput" in job.results else []
    maxima = {row.method: row.per_s.value for row in rows if row.per_s}
    return measure_difficulty(job.services, job.machine_hour, maxima)
