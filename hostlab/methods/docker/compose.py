"""Run `docker compose` for one project: report its progress, stop it at a deadline, and say why it
failed.
"""

import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import psutil

from hostlab.errors import BadInput, HostingLabError
from hostlab.methods.docker import engine, output
from hostlab.methods.docker.progress import ComposeProgress
from hostlab.runtime.paths import COURSE
from hostlab.runtime.progress import Progress, Sentence
from hostlab.runtime.spawning import detached

FILE = COURSE / "docker" / "docker-compose.yml"
BY_HAND = "hosting-lab"  # the project's name in docker-compose.yml
IMAGES = ("hosting-lab/model-service", "hosting-lab/api-service")
MODEL_LABEL = "hosting-lab.model"  # of the first image: the model ID that it was built with
VERSION = "1.0"
POLL_S = 0.2
# Our Dockerfile needs BuildKit, which a user may have turned off for other builds.
BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}

Watch = Callable[[bool], None]


def no_watch(compose_failed: bool) -> None:
    """Watch nothing."""


def project_name(run_id: str) -> str:
    """Return the name of the Compose project of a run."""
    return f"{BY_HAND}-{run_id}"


@dataclass(frozen=True)
class Project:
    """A Compose project by its name, with the variables of docker-compose.yml that it is started
    with.
    """

    name: str
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, doing: str, progress: Progress, watch: Watch = no_watch) -> None:
        """Run `docker compose …` to its end. `doing` names the work in errors.

        `watch` is called repeatedly with False, and an error that it raises ends the run. When
        Compose has failed, it is called with True; an error that it raises then replaces the one
        made of Compose's output. Raises StartFailed with the last lines, or Unavailable where the
        engine is gone.
        """
        command = ["docker", "compose", "--project-name", self.name, "--file", str(FILE)]
        process = subprocess.Popen(
            [*command, *arguments],
            env=os.environ | self.variables | BUILDKIT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **detached(),
        )
        lines: deque[str] = deque(maxlen=200)
        news: SimpleQueue[str] = SimpleQueue()
        reader = threading.Thread(target=_read, args=(process.stdout, lines, news), daemon=True)
        reader.start()
        report = ComposeProgress(self.name, progress)
        try:
            while process.poll() is None:
                _report(report, news)
                watch(False)
                time.sleep(POLL_S)
        finally:  # Ctrl-C too
            kill_compose(self.name, process.pid)
            process.wait()
            reader.join(timeout=5)
        _report(report, news)
        if process.returncode:
            watch(True)
            raise output.compose_error(doing, list(lines))


def build(progress: Progress, version: str = VERSION) -> None:
    """Build both images, tagged with `version`, for the model that MODEL_ID names.

    Takes seconds where little has changed. Without a connection, existing images are used as they
    are. Raises BadInput if MODEL_ID names a folder, or StartFailed with the last lines.
    """
    if Path(_model_id() or "/nowhere").is_dir():
        raise BadInput(
            "MODEL_ID names a folder of this machine, which the build of an image does not see. "
            "deployments/docker/README.md shows how to mount it."
        )
    if images_are_built(version):
        progress(Sentence("images.checking"))
    else:
        progress(Sentence("images.building"))
    project = Project(BY_HAND, {"HOSTLAB_VERSION": version})
    try:
        project.run("build", doing="Building the images", progress=progress)
    except HostingLabError as error:
        if not (output.is_offline(error) and images_are_built(version)):
            raise
        progress(Sentence("images.offline"))


def images_are_built(version: str = VERSION) -> bool:
    """Return whether the engine has both images, with the model that MODEL_ID names.

    Raises Unavailable.
    """
    client = engine.api()
    with engine.engine_errors():
        found = [client.images(name=f"{image}:{version}") for image in IMAGES]
    return all(found) and (found[0][0]["Labels"] or {}).get(MODEL_LABEL) == _model_id()


def _model_id() -> str:
    return os.environ.get("MODEL_ID", "")


def kill_compose(project: str, pid: int | None = None) -> None:
    """Kill the processes of `docker compose` for a project, because they survive the process that
    started them.

    With `pid`, only that process and its children are killed.
    """
    processes: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        # The client runs Compose as a child process with the same arguments.
        is_compose = pid is None and "compose" in command and project in command
        if process.pid == pid or is_compose:
            processes += [process, *_children(process)]
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=5)


def _read(stream: IO[str], lines: deque[str], news: SimpleQueue[str]) -> None:
    for line in stream:
        lines.append(line.rstrip())
        news.put(line)


def _report(report: ComposeProgress, news: SimpleQueue[str]) -> None:
    while not news.empty():
        report.read(news.get())
    report.tick()


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
