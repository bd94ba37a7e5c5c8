"""The method `docker`: the two programs of separate_process as containers, started by `docker compose up --wait`."""

import os
import re
from pathlib import Path

from hostlab.deployment import Deployment
from hostlab.errors import BadInput, HostingLabError, NotRunning, StartFailed
from hostlab.methods.docker import compose, tools
from hostlab.methods.docker.engine import Container
from hostlab.methods.docker.supervisor import ContainerSupervisor
from hostlab.runtime import state
from hostlab.runtime.ports import free_port
from hostlab.types import Capability, Progress, Tool

_VERSION = re.compile(r"[A-Za-z0-9][\w.-]{0,62}")
_UP = ("up", "--detach", "--wait", "--no-build")
_MODEL_ALONE = (
    "--no-deps",
    "--no-recreate",
)  # the API stays as it is, and so do the replicas that are there


class Docker(Deployment):
    method = "docker"
    capabilities = frozenset({Capability.SUSPEND, Capability.SCALE, Capability.ROLLOUT})
    by_hand = ("docker compose -f deployments/docker/docker-compose.yml up",)
    ready_timeout_s = (
        240.0  # a model container on a busy laptop takes a minute, and there may be two
    )

    def __init__(self) -> None:
        self.supervisor = ContainerSupervisor(self.method)

    def tools(self) -> list[Tool]:
        return tools.tools()

    def launch(self, record: state.Record, progress: Progress) -> None:
        if Path(os.environ.get("MODEL_ID") or "/nowhere").is_dir():
            raise BadInput(
                "MODEL_ID names a folder of this machine, which a container does not see. deployments/docker/README.md shows how to mount it."
            )
        port = free_port()
        variables = {
            "HOSTLAB_RUN_ID": record.run_id,
            "HOSTLAB_VERSION": compose.VERSION,
            "API_HOST": "127.0.0.1",
            "API_PORT": str(port),
        }
        compose.build(progress)
        progress("Starting the containers.")
        project = compose.Project(compose.project_name(record.run_id), variables)
        project(
            *_UP,
            doing="Starting the containers",
            progress=progress,
            watch=self.supervisor.watch("Starting the containers", self.ready_timeout_s),
        )
        record.url = f"http://127.0.0.1:{port}"

    def scale(self, replicas: int) -> None:
        """Run `replicas` model containers and return when all are ready. Raises StartFailed where they cannot be; then the count is what it was."""
        before = {one.id for one in self._models()}
        self._scale_to(
            replicas,
            f"There cannot be {replicas} model containers here, so there are {len(before)} again.",
        )

    def update(self, version: str, progress: Progress = lambda sentence: None) -> None:
        """Replace the model containers by those of another version, one after the other, without losing a request.

        Compose by itself stops a container before it starts the next. So a new one is added first (`--scale`, `--no-recreate`);
        when it is ready, an old one gets SIGTERM: it answers on for DRAIN_S, then ends, and the gateway has found the new
        one meanwhile. The API stays as it is: two containers cannot have one port, and so it cannot be replaced unnoticed.
        Raises StartFailed where the new version does not come up; then the old one is what runs.
        """
        if not _VERSION.fullmatch(version):
            raise BadInput(
                f"{version!r} cannot be a version: letters, digits, dots and dashes, at most 63."
            )
        old = self._models()
        compose.build(progress, version)
        for number, one in enumerate(old, 1):
            progress(f"Replica {number} of {len(old)}: starting one of version {version}.")
            failed = f"The update to {version} failed; the replicas that were there never stopped serving."
            self._scale_to(len(self._models()) + 1, failed, progress, version)
            progress(f"Replica {number} of {len(old)}: the old one answers what it has, and ends.")
            self.supervisor.remove([one.id])

    def _scale_to(
        self,
        replicas: int,
        failed: str,
        progress: Progress = lambda sentence: None,
        version: str | None = None,
    ) -> None:
        """Let Compose change the number of model containers. Where it cannot, remove the new ones, and say `failed` and why."""
        doing, before = "Starting model containers", {one.id for one in self._models()}
        arguments = (*_UP, *_MODEL_ALONE, "--scale", f"model-service={replicas}", "model-service")
        try:
            project, serving = (
                self.supervisor.project(version),
                {one.id for one in self.supervisor.containers()},
            )
            project(
                *arguments,
                doing=doing,
                progress=progress,
                watch=self.supervisor.watch(doing, self.ready_timeout_s, serving),
            )
        except BaseException as error:  # Ctrl-C too
            tail = self.logs(20)
            self.supervisor.remove_all_but(before)
            if isinstance(error, HostingLabError):
                raise StartFailed(f"{failed} {error}", tail) from error
            raise

    def _models(self) -> list[Container]:
        models = [one for one in self.supervisor.containers() if one.service == "model"]
        if not models:
            raise NotRunning(f"{self.method} does not run. Start it: `hostlab up {self.method}`.")
        return models
