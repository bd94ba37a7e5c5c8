"""The supervisor of the method docker. What runs is read from the engine, not from a file."""

import contextlib
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from hostlab.errors import BadInput, HostingLabError, StartFailed
from hostlab.methods.docker import engine, exits
from hostlab.methods.docker.components import component, started_at
from hostlab.methods.docker.compose import Project, project_name
from hostlab.methods.docker.engine import Container
from hostlab.methods.docker.exits import LastExit
from hostlab.methods.docker.removal import remove_project, remove_until_none
from hostlab.methods.docker.start_watch import StartWatch, last_exit_of
from hostlab.runtime import owner, state
from hostlab.runtime.progress import silent
from hostlab.types import Component, ComponentLog, ForeignRun, RunInfo, RunState

RECOVER_TIMEOUT_S = 120.0
KILL_TIMEOUT_S = 20.0


class ContainerSupervisor:
    """The containers of one Compose project: hostlab's own run or, if there is none, one that was
    started by hand.
    """

    def __init__(self, method: str) -> None:
        self.method = method

    def containers(self) -> list[Container]:
        """Return the containers of the run that this supervisor manages. Raises Unavailable."""
        record = state.read(self.method)
        own = project_name(record.run_id) if record else None
        everything = [
            one for one in engine.containers() if one.project == own or owner.is_mine(one.owner)
        ]
        if record:
            ours = [one for one in everything if one.project == own]
            if ours or record.state == "starting":
                return ours
            state.forget(self.method, record.run_id)  # its containers were removed by hand
        # hostlab's own runs take precedence over runs by hand, and older runs over newer ones.
        chosen = min(everything, key=lambda one: (one.run_id is None, one.created), default=None)
        return [one for one in everything if one.project == chosen.project] if chosen else []

    def find(self) -> RunInfo | None:
        """Return what runs, even if it was started by hand. Raises Unavailable."""
        containers = self.containers()
        record = state.read(self.method)
        launching = record is not None and record.state == "starting"
        if not containers:
            if record is None or not launching:
                return None
            reason = "Its images are being built."
            return RunInfo(record.run_id, "starting", None, record.since, reason)
        url = _url(containers)
        first = containers[0]
        if url and {"api", "model"} <= {one.role for one in containers if one.ready}:
            return RunInfo(first.run_id, "running", url, first.created)
        failure = self._failure(containers, launching)
        condition: RunState = "failed" if failure else "starting"
        reason = failure or "Its containers are not ready yet."
        return RunInfo(first.run_id, condition, url, first.created, reason)

    def others(self) -> list[ForeignRun]:
        """Return the runs of other people on this engine. Raises Unavailable."""
        return [
            ForeignRun(owner.phrase(containers[0].owner or ""), _url(containers))
            for containers in self._foreign_projects().values()
        ]

    def end_others(self) -> list[str]:
        """Remove the containers and networks of other people's runs, and return whose they were.

        Raises StartFailed.
        """
        foreign = self._foreign_projects()
        for project in foreign:
            remove_project(project)
        return [owner.phrase(containers[0].owner or "") for containers in foreign.values()]

    def components(self) -> list[Component]:
        """Return the containers with their resource usage. Raises Unavailable."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(component, self.containers()))

    def project(self, version: str | None = None) -> Project:
        """Return the Compose project of the run, with the variables that it was started with."""
        containers = self.containers()
        port = next((one.port for one in containers if one.port), None)
        models = (one.version for one in containers if one.role == "model")
        version = version or next(models, containers[0].version)
        variables = {
            "HOSTLAB_RUN_ID": containers[0].run_id or "",
            "HOSTLAB_OWNER": containers[0].owner or "",
            "HOSTLAB_VERSION": version,
        }
        return Project(containers[0].project, variables | ({"API_PORT": str(port)} if port else {}))

    def recover(self) -> None:
        """Restart containers that have exited, recreate missing ones, and wait until all are
        healthy.
        """
        replicas = max(1, sum(one.role == "model" for one in self.containers()))
        arguments = ["up", "--detach", "--wait", "--no-build", "--no-recreate"]
        arguments += ["--scale", f"model-service={replicas}"]
        doing = "Restarting the containers"
        watch = self.start_watch(doing, RECOVER_TIMEOUT_S)
        self.project().run(*arguments, doing=doing, progress=silent, watch=watch)

    def start_watch(
        self, doing: str, timeout_s: float, serving: Collection[str] = ()
    ) -> StartWatch:
        """Return a watch for Compose that notices containers that die from now on."""
        return StartWatch(self.containers, doing, timeout_s, self._explain, serving)

    def kill(self, name: str | None) -> str:
        """Kill the program in one container outright, as a crash would, and return the container's
        name.

        Without a name, picks a ready model container. The engine does not restart a container after
        `docker kill`, because it treats that as a stop that the user wanted. So the program is
        killed from inside, and then process 1 (`init: true`) exits too. Raises BadInput if there
        is no such container.
        """
        container = self._chosen(name)
        started = started_at(engine.inspect(container.id))
        engine.execute(container.id, "kill -9 -1")
        deadline = time.monotonic() + KILL_TIMEOUT_S
        while started and started_at(engine.inspect(container.id)) == started:
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"The container {container.name} did not exit after `kill -9` from inside. "
                    "Does its image have a shell?"
                )
            time.sleep(0.05)
        return container.name

    def suspend(self, name: str) -> None:
        """Freeze one container: send SIGSTOP to all of its processes except process 1.

        Raises BadInput if there is no such container.
        """
        engine.execute(self._chosen(name).id, "kill -STOP -1")

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return a component's CPU seconds since its start and its memory in bytes, as the engine
        counts them.
        """
        return component.cpu_s, component.memory_bytes

    def component_logs(self, tail: int) -> list[ComponentLog]:
        """Return the last `tail` log lines of each container; an empty list if the engine does
        not respond.
        """
        logs: list[ComponentLog] = []
        with contextlib.suppress(HostingLabError):
            for one in self.containers():
                with contextlib.suppress(HostingLabError):  # one may be gone by now
                    logs += exits.component_logs(one, tail)
        return logs

    def remove_models_except(self, kept: Collection[str]) -> None:
        """Remove the model containers whose IDs are not in `kept`, even one that Compose is still
        creating.
        """
        remove_until_none(
            lambda: [x for x in self.containers() if x.role == "model" and x.id not in kept]
        )

    def remove(self, ids: Collection[str]) -> None:
        """Stop these containers gracefully, so that they finish their requests, and remove them.

        Raises StartFailed if one of them cannot be removed.
        """
        remove_until_none(lambda: [one for one in self.containers() if one.id in ids])

    def shut_down(self) -> None:
        """Stop and remove all containers and networks of the run, even if its launch was
        interrupted.
        """
        record, containers = state.read(self.method), self.containers()
        if containers:
            remove_project(containers[0].project)
        elif record:
            remove_project(project_name(record.run_id))

    def _foreign_projects(self) -> dict[str, list[Container]]:
        """Return the containers of other people's runs by their Compose project."""
        ours = {one.project for one in self.containers()}
        projects: dict[str, list[Container]] = {}
        for one in engine.containers():
            if one.project not in ours and not owner.is_mine(one.owner):
                projects.setdefault(one.project, []).append(one)
        return projects

    def _chosen(self, name: str | None) -> Container:
        """Return the container of that name, or a ready model container.

        Raises BadInput.
        """
        containers = self.containers()
        for one in containers:
            if one.name == name if name else one.role == "model" and one.ready:
                return one
        wanted = f"container {name!r}" if name else "ready model container"
        names = ", ".join(one.name for one in containers) or "none"
        raise BadInput(f"{self.method} has no {wanted}. It has: {names}.")

    def _explain(self, container: Container, last_exit: LastExit) -> str:
        restart = "Docker restarts it"
        if container.ended:
            restart = f"To restart it, run `hostlab up {self.method}`"
        return (
            f"The container {container.name} {last_exit}. {restart}. "
            f"For details, run `hostlab logs {self.method}`."
        )

    def _failure(self, containers: list[Container], launching: bool) -> str | None:
        """Return why the run cannot serve requests, or None if it may only need more time."""
        for one in containers:
            if one.state == "created" and (error := engine.start_error(one.id)):
                return (
                    f"The container {one.name} could not be started: {error}. If its port is in "
                    "use, stop what uses it, or set API_PORT to another port."
                )
            if not one.ready and (last_exit := last_exit_of(one)):
                return self._explain(one, last_exit)
            if one.health == "unhealthy":
                return (
                    f"The container {one.name} runs, but is not ready: its health check fails. "
                    f"For details, run `hostlab logs {self.method}`."
                )
        missing = {"api", "model"} - {one.role for one in containers}
        if missing and not launching:
            names = " and ".join(f"{role}-service" for role in sorted(missing))
            return (
                f"There is no container for {names}. To create it, run `hostlab up {self.method}`."
            )
        return None


def _url(containers: list[Container]) -> str | None:
    return next((f"http://127.0.0.1:{one.port}" for one in containers if one.port), None)
