"""The setup part: how long the first setup of each method takes, with nothing cached.

It runs only when you name it (`hostlab measure setup`). It downloads everything again, so it needs
the network, and its figures depend on it. Methods with the same setup share one measurement.
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
from hostlab.runtime.paths import COURSE, python_module
from hostlab.runtime.progress import Sentence
from hostlab.types import Language

# As in the Makefile: on Linux, the package index has the large CUDA build.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
TAG = "set-up"  # of the images, which are removed after the measurement


@dataclass
class SetupRow:
    """`setup_s` is measured once, so it has no interval. `how`: what was set up."""

    method: str
    setup_s: Figure | None = None
    how: str = ""
    error: str | None = None


@dataclass
class SetupResult:
    """A row for each method."""

    rows: list[SetupRow] = field(default_factory=list)


def measure_setup(services: Sequence[Deployment]) -> Iterator[Step[SetupResult]]:
    """Set up each method once, in a temporary folder or with temporary images.

    The row of a method whose setup fails has the error.
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
            environment = f"a new environment with {', '.join(how or ())}"
            row.how = environment if how else "both images, without cached layers"
        except HostingLabError as error:
            row.error = str(error)
        result.rows.append(row)
    yield Step(Sentence("measure.setups"), 1.0, result)


Sentences = Generator[Sentence, None, float]  # yields progress; returns the seconds of the work


def _at(
    done: float, steps: Sentences, method: str, result: SetupResult
) -> Generator[Step[SetupResult], None, float]:
    while True:
        try:
            doing = Sentence("measure.of_method", method=method, doing=next(steps))
            yield Step(doing, done, result)
        except StopIteration as end:
            seconds: float = end.value
            return seconds
        except GeneratorExit:
            steps.close()
            raise


def _packages(requirements: tuple[str, ...]) -> Sentences:
    with tempfile.TemporaryDirectory(prefix="hosting-lab-set-up-") as folder:
        python = Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        pip = [str(python), "-P", "-m", "pip", "install"]
        install = [*pip, "--no-cache-dir", "--disable-pip-version-check"]
        files = [f"--requirement={COURSE / 'docker' / file}" for file in requirements]
        began = time.perf_counter()
        yield from _run(python_module("venv", folder), Sentence("setup.environment"))
        if sys.platform == "linux" and (torch := _torch(requirements)):
            options = ["--no-deps", "--retries=2", "--timeout=15"]
            options += [f"--extra-index-url={TORCH_INDEX}", f"{torch}+cpu"]
            yield from _run([*install, *options], Sentence("setup.torch"))
        yield from _run([*install, *files], Sentence("setup.packages"))
        return time.perf_counter() - began


def _torch(requirements: tuple[str, ...]) -> str | None:
    """Return the requirement of PyTorch, with its version, or None if there is none."""
    texts = ((COURSE / "docker" / file).read_text(encoding="utf-8") for file in requirements)
    lines = (line for text in texts for line in text.splitlines())
    return next((line.split()[0] for line in lines if line.startswith("torch==")), None)


def _images() -> Sentences:
    # Imported here, because loading the engine's client takes a moment.
    from hostlab.methods.docker import compose, engine

    began = time.perf_counter()
    try:
        variables = {"HOSTLAB_VERSION": TAG} | compose.BUILDKIT
        command = ["docker", "compose", "--file", str(compose.FILE), "build", "--no-cache"]
        yield from _run(command, Sentence("setup.images"), variables)
        return time.perf_counter() - began
    finally:
        client = engine.api()
        with engine.engine_errors():
            for image in compose.IMAGES:
                if client.images(name=f"{image}:{TAG}"):
                    client.remove_image(f"{image}:{TAG}")


def _run(command: list[str], doing: Sentence, variables: dict[str, str] | None = None) -> Sentences:
    """Run a command to its end, yield its progress, and return the seconds that it took.

    Raises StartFailed with its last lines.
    """
    started = time.perf_counter()
    result = yield from run_in_steps(command, doing, variables)
    if result.exit_status:
        raise StartFailed(
            f"The setup failed while {doing.text(Language.EN)}. Is the network available?",
            result.tail(8),
        )
    return time.perf_counter() - started


def measure_part(job: Job) -> Iterator[Step[SetupResult]]:
    """Measure the part."""
    return measure_setup(job.services)
