"""The method `docker`: the two programs of separate_process as containers, started by `docker
compose up --wait`.
"""

import re

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError, NotRunning, StartFailed
from hostlab.methods.docker import compose, tools
from hostlab.methods.docker.engine import Container
from hostlab.methods.docker.supervisor import ContainerSupervisor
from hostlab.methods.locked import locked
from hostlab.methods.version import require_version
from hostlab.runtime import owner, state
from hostlab.runtime.engines import IN_IMAGES
from hostlab.runtime.ports import free_port
from hostlab.runtime.progress import Progress, Sentence, silent
from hostlab.types import Capability, Tool

_VERSION = re.compile(r"[A-Za-z0-9][\w.-]{0,62}")
_UP = ("up", "--detach", "--wait", "--no-build")
# The API stays as it is, and so do the existing replicas.
_MODEL_ONLY = ("--no-deps", "--no-recreate")


class Docker(Deployment):
    """The containers of one Compose project."""

    method = "docker"
    capabilities = frozenset({Capability.SUSPEND, Capability.SCALE, Capability.ROLLOUT})
    by_hand = ("docker compose -f deployments/docker/docker-compose.yml up",)
    engines = IN_IMAGES
    ready_timeout_s = 240.0  # a model container on a busy laptop takes a minute; there may be two
    supervisor: ContainerSupervisor

    def __init__(self) -> None:
        self.supervisor = ContainerSupervisor(self.method)

    def tools(self) -> list[Tool]:
        """Return the Docker client, the engine, and the plugins."""
        return tools.tools()

    def launch(self, record: state.Record, progress: Progress) -> None:
        """Build the images and start the containers."""
        port = free_port()
        variables = {
            "HOSTLAB_RUN_ID": record.run_id,
            "HOSTLAB_OWNER": owner.label(),
            "HOSTLAB_VERSION": compose.VERSION,
            "API_HOST": "127.0.0.1",
            "API_PORT": str(port),
        }
        compose.build(progress)
        doing = "Starting the containers"
        progress(Sentence("containers.starting"))
        project = compose.Project(compose.project_name(record.run_id), variables)
        watch = self.supervisor.start_watch(doing, self.ready_timeout_s)
        project.run(*_UP, doing=doing, progress=progress, watch=watch)
        record.url = f"http://127.0.0.1:{port}"

    @locked
    def scale(self, replicas: int) -> None:
        """Run `replicas` model containers and return when all of them are ready.

        Raises StartFailed where they do not become ready; the number of containers is then what it
        was.
        """
        before = len(self._models())
        failure = f"This machine cannot run {replicas} model containers. There are {before} again."
        self._scale_to(replicas, failure)

    @locked
    def update(self, version: str, progress: Progress = silent) -> None:
        """Replace the model containers with those of another version, one by one, without losing a
        request.

        Compose itself stops a container before it starts the next one. So a new container is added
        first (`--scale`, `--no-recreate`). When it is ready, an old one gets SIGTERM: it answers
        for another DRAIN_S and then ends, and the gateway has found the new one by then. The API
        stays as it is: two containers cannot share one port, so replacing it would be noticed.
        Raises StartFailed where the new version does not become ready; the old one then stays.
        """
        require_version(version, _VERSION)
        old = self._models()
        compose.build(progress, version)
        failure = f"The update to {version} failed. The existing replicas never stopped serving."
        count = len(old)
        for number, one in enumerate(old, 1):
            progress(
                Sentence("containers.new_replica", number=number, count=count, version=version)
            )
            self._scale_to(len(self._models()) + 1, failure, progress, version)
            progress(Sentence("containers.old_replica", number=number, count=count))
            self.supervisor.remove([one.id])

    def _scale_to(
        self,
        replicas: int,
        failure: str,
        progress: Progress = silent,
        version: str | None = None,
    ) -> None:
        """Let Compose change the number of model containers.

        Where it fails, the new ones are removed, and the error consists of `failure` and the
        reason.
        """
        doing, before = "Starting model containers", {one.id for one in self._models()}
        arguments = (*_UP, *_MODEL_ONLY, "--scale", f"model-service={replicas}", "model-service")
        try:
            project = self.supervisor.project(version)
            serving = {one.id for one in self.supervisor.containers()}
            watch = self.supervisor.start_watch(doing, self.ready_timeout_s, serving)
            project.run(*arguments, doing=doing, progress=progress, watch=watch)
        except BaseException as error:  # Ctrl-C too
            tail = self.logs(20)
            self.supervisor.remove_models_except(before)
            if isinstance(error, HostingLabError):
                raise StartFailed(f"{failure} {error}", tail) from error
            raise

    def _models(self) -> list[Container]:
        models = [one for one in self.supervisor.containers() if one.role == "model"]
        if not models:
            raise NotRunning(f"{self.method} does not run. Start it: `hostlab up {self.method}`.")
        return models
