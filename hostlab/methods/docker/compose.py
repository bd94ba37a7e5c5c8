"""Run `docker compose` for one project: pass its progress on, end it when it takes too long, say why it failed."""

import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from hostlab.errors import HostingLabError
from hostlab.methods.docker import engine
from hostlab.methods.docker import output as words
from hostlab.runtime.paths import COURSE
from hostlab.runtime.spawning import detached
from hostlab.types import Progress

FILE = COURSE / "docker" / "docker-compose.yml"
BY_HAND = "hosting-lab"  # the project's name in docker-compose.yml
IMAGES = ("hosting-lab/model-service", "hosting-lab/api-service")
VERSION = "1.0"
POLL_S = 0.2


def project_name(run_id: str) -> str:
    return f"{BY_HAND}-{run_id}"


@dataclass(frozen=True)
class Project:
    """A compose project by its name, with the variables of docker-compose.yml that it was, or is to be, started with."""

    name: str
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *arguments: str,
        doing: str,
        progress: Progress,
        watch: Callable[[bool], None] = lambda given_up: None,
    ) -> None:
        """Run `docker compose …` to its end.

        `doing` names it in errors; `watch` is called all the while, and what it raises ends the run. It is called with True
        when Compose has given up: what it raises then is told instead of what Compose says.
        Raises StartFailed with the last lines, or Unavailable where the engine is gone.
        """
        command = [
            "docker",
            "compose",
            "--project-name",
            self.name,
            "--file",
            str(FILE),
            *arguments,
        ]
        process = subprocess.Popen(
            command,
            env=os.environ | self.variables | {"BUILDKIT_PROGRESS": "plain"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **detached(),
        )
        lines: deque[str] = deque(maxlen=200)
        reader = threading.Thread(target=_read, args=(process, lines, progress), daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                watch(False)
                time.sleep(POLL_S)
        finally:  # Ctrl-C too
            end_launchers(self.name, process.pid)
            process.wait()
            reader.join(timeout=5)
        if process.returncode:
            watch(True)
            raise words.failure(doing, list(lines))


def build(progress: Progress, version: str = VERSION) -> None:
    """Build both images, tagged with `version`; seconds where little has changed. Raises StartFailed with the last lines.

    Without a connection, images that are there already are taken as they are.
    """
    progress("Building the images; the first time takes some minutes.")
    try:
        Project(BY_HAND, {"HOSTLAB_VERSION": version})(
            "build", doing="Building the images", progress=progress
        )
    except HostingLabError as error:
        if not (words.is_offline(error) and images_are_built(version)):
            raise
        progress("The images cannot be built without a connection: taking those that are there.")


def images_are_built(version: str = VERSION) -> bool:
    """Return whether the engine has both images. Raises Unavailable."""
    client = engine.api()
    with engine.asking():
        return all(client.images(name=f"{image}:{version}") for image in IMAGES)


def end_launchers(project: str, pid: int | None = None) -> None:
    """Kill what runs `docker compose` for a project, as it may go on alone when whoever started it is killed."""
    left = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        # the client runs Compose as a process of its own, with the same arguments
        if process.pid == pid or ("compose" in command and project in command and pid is None):
            left += [process, *_children(process)]
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=5)


def _read(process: subprocess.Popen, lines: deque[str], progress: Progress) -> None:
    for line in process.stdout:
        lines.append(line.rstrip())
        if said := words.sentence(line):
            progress(said)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
