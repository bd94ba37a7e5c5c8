"""The set-up part: how long the first set-up of each method takes, with nothing kept from an
earlier one.

It runs only when asked (`hostlab measure setup`): everything is fetched again, so it needs the
network, and its figures are the network's, too. Methods that are set up in the same way share one
measurement.
"""

import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError, StartFailed
from hostlab.measure.job import Job
from hostlab.measure.parts.difficulty import REQUIREMENTS
from hostlab.measure.statistics import Figure
from hostlab.measure.steps import Step
from hostlab.runtime.commands import run_in_steps
from hostlab.runtime.paths import ROOT

# as in Makefile: on Linux the package index has the large CUDA build
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
TAG = "set-up"  # of the images that are built for this and removed again


@dataclass
class SetupRow:
    """`setup_s`: once, so without an interval. `how`: what was done, in a few words."""

    method: str
    setup_s: Figure | None = None
    how: str = ""
    error: str | None = None


@dataclass
class SetupResult:
    rows: list[SetupRow] = field(default_factory=list)


def measure_setup(services: Sequence[Deployment]) -> Iterator[Step[SetupResult]]:
    """Set each method up once, in a folder or with images of its own that are removed afterwards.

    A failure is in the method's row.
    """
    result = SetupResult()
    known: dict[tuple[str, ...] | None, float] = {}
    for number, service in enumerate(services):
        row = SetupRow(service.method)
        how = REQUIREMENTS.get(service.method)
        try:
            service.require_tools()
            if how not in known:
                steps = _packages(how) if how else _images()
                known[how] = yield from _at(number / len(services), steps, service.method, result)
            row.setup_s = Figure(known[how], "s")
            row.how = (
                f"a new environment with {' and '.join(how)}"
                if how
                else "both images, no layer kept"
            )
        except HostingLabError as error:
            row.error = str(error)
        result.rows.append(row)
    yield Step("Set-ups are measured.", 1.0, result)


Sentences = Generator[str, None, float]  # progress; it returns the seconds that the work took


def _at(
    done: float, steps: Sentences, method: str, result: SetupResult
) -> Generator[Step[SetupResult], None, float]:
    while True:
        try:
            yield Step(f"{method}: {next(steps)}", done, result)
        except StopIteration as end:
            seconds: float = end.value
            return seconds
        except GeneratorExit:
            steps.close()
            raise


def _packages(requirements: tuple[str, ...]) -> Sentences:
    with tempfile.TemporaryDirectory(prefix="hosting-lab-set-up-") as folder:
        python = Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--no-cache-dir",
            "--disable-pip-version-check",
        ]
        files = [
            argument
            for file in requirements
            for argument in ("-r", str(ROOT / "deployments/docker" / file))
        ]
        began = time.perf_counter()
        yield from _run([sys.executable, "-m", "venv", folder], "making an environment")
        if sys.platform == "linux" and "requirements-model.txt" in requirements:
            torch = [
                *install,
                "--no-deps",
                "--retries",
                "2",
                "--timeout",
                "15",
                "--extra-index-url",
                TORCH_INDEX,
                f"{_torch()}+cpu",
            ]
            yield from _run(torch, "fetching PyTorch, the CPU build")
        yield from _run([*install, *files], "fetching and installing the packages")
        return time.perf_counter() - began


def _torch() -> str:
    lines = (
        (ROOT / "deployments/docker/requirements-model.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    return next(line.split()[0] for line in lines if line.startswith("torch=="))


def _images() -> Sentences:
    from hostlab.methods.docker import compose, engine  # only where there is a method that needs it

    began = time.perf_counter()
    try:
        variables = {"HOSTLAB_VERSION": TAG}
        yield from _run(
            ["docker", "compose", "--file", str(compose.FILE), "build", "--no-cache"],
            "building the images anew",
            variables,
        )
        return time.perf_counter() - began
    finally:
        client = engine.api()
        with engine.engine_errors():
            for image in compose.IMAGES:
                if client.images(name=f"{image}:{TAG}"):
                    client.remove_image(f"{image}:{TAG}")


def _run(command: list[str], doing: str, variables: dict[str, str] | None = None) -> Sentences:
    """Run a command to its end and yield how long it has taken; return the seconds.

    Raises StartFailed with its last lines.
    """
    started = time.perf_counter()
    result = yield from run_in_steps(command, doing, variables)
    if result.exit_status:
        raise StartFailed(
            f"It failed while {doing}. Is the network there? The following lines say why.",
            result.tail(8),
        )
    return time.perf_counter() - started


def measure_part(job: Job) -> Iterator[Step[SetupResult]]:
    """Measure the part."""
    return measure_setup(job.services)
