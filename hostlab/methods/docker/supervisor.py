"""Host a method as containers: what runs is asked of the engine, never of a file. Find, watch, kill, mend, end them."""

import contextlib
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from docker.errors import APIError

from hostlab.errors import BadInput, HostingLabError, RequestFailed, StartFailed, Unavailable
from hostlab.methods.docker import engine
from hostlab.methods.docker import exits as deaths
from hostlab.methods.docker.compose import Project, end_launchers, project_name
from hostlab.methods.docker.engine import PROJECT, Container
from hostlab.methods.docker.exits import Death
from hostlab.runtime import state
from hostlab.types import Component, RunInfo

STOP_S = 15  # stop_grace_period of docker-compose.yml
END_TIMEOUT_S, MEND_TIMEOUT_S = 60.0, 120.0


class ContainerSupervisor:
    """The containers of one compose project: hostlab's own run, else one that somebody started by hand."""

    def __init__(self, method: str) -> None:
        self.method = method

    def containers(self) -> list[Container]:
        """Return the containers of the run that this method shows. Raises Unavailable."""
        everything = engine.containers()
        record = state.read(self.method)
        if record:
            ours = [one for one in everything if one.project == project_name(record.run_id)]
            if ours or record.state == "starting":
                return ours
            state.forget(self.method, record.run_id)  # its containers were removed by somebody else
        # a run of ours before one by hand, and the oldest of each
        chosen = min(everything, key=lambda one: (one.run_id is None, one.created), default=None)
        return [one for one in everything if one.project == chosen.project] if chosen else []

    def find(self) -> RunInfo | None:
        mine = self.containers()
        record = state.read(self.method)
        launching = record is not None and record.state == "starting"
        if not mine:
            return (
                RunInfo(
                    record.run_id, "starting", None, record.since, "Its images are being built."
                )
                if launching
                else None
            )
        url = next((f"http://127.0.0.1:{one.port}" for one in mine if one.port), None)
        serving = url and {"api", "model"} <= {one.service for one in mine if one.ready}
        trouble = None if serving else self._trouble(mine, launching)
        condition = "running" if serving else "failed" if trouble else "starting"
        reason = trouble or (None if serving else "Its containers are not ready yet.")
        return RunInfo(mine[0].run_id, condition, url, mine[0].created, reason)

    def components(self) -> list[Component]:
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(_part, self.containers()))

    def project(self, version: str | None = None) -> Project:
        """Return the compose project of what runs, with the variables that it was started with."""
        mine = self.containers()
        port = next((one.port for one in mine if one.port), None)
        version = version or next(
            (one.version for one in mine if one.service == "model"), mine[0].version
        )
        variables = {"HOSTLAB_RUN_ID": mine[0].run_id or "", "HOSTLAB_VERSION": version}
        return Project(mine[0].project, variables | ({"API_PORT": str(port)} if port else {}))

    def recover(self) -> None:
        """Start what has ended, make what was removed, and wait until all is healthy."""
        replicas = max(1, sum(one.service == "model" for one in self.containers()))
        arguments = [
            "up",
            "--detach",
            "--wait",
            "--no-build",
            "--no-recreate",
            "--scale",
            f"model-service={replicas}",
        ]
        doing = "Starting the containers again"
        self.project()(
            *arguments,
            doing=doing,
            progress=lambda sentence: None,
            watch=self.watch(doing, MEND_TIMEOUT_S),
        )

    def watch(
        self, doing: str, timeout_s: float, spared: Collection[str] = ()
    ) -> Callable[[bool], None]:
        """Return a `watch` for Compose: a container that dies from now on ends the wait, and so does the deadline.

        Those whose ids are `spared` serve already: that one of them died is no reason to give up. But where Compose gives up
        by itself, it is told.
        """
        ends_at = time.monotonic() + timeout_s
        earlier = {one.id: self._death(one) for one in self.containers()}

        def look(given_up: bool) -> None:
            for one in self.containers():
                if given_up or not (one.ready or one.id in spared):
                    death = self._death(one)
                    if death and death != earlier.get(one.id):
                        raise StartFailed(self._told(one, death))

        def watch(given_up: bool) -> None:
            # a busy engine may miss a question: the next one is asked soon, and where the engine is gone, Compose says so
            for _ in range(3 if given_up else 1):
                with contextlib.suppress(Unavailable, RequestFailed):
                    look(given_up)
                    break
            if not given_up and time.monotonic() > ends_at:
                raise StartFailed(f"{doing} took longer than {timeout_s:.0f} s.")

        return watch

    def kill(self, part: str | None) -> str:
        """Kill the program in one container outright, as a crash would; `part` is its name, else a model that is ready. Return its name.

        `docker kill` counts as a wish of the user, after which the engine does not start the container again; so the
        program is killed from inside, and process 1 (`init: true`) ends with it.
        """
        mine = self.containers()
        chosen = [
            one
            for one in mine
            if (one.name == part if part else one.service == "model" and one.ready)
        ]
        if not chosen:
            what = f"container {part!r}" if part else "model container that is ready"
            raise BadInput(
                f"{self.method} has no {what}. It has: {', '.join(one.name for one in mine) or 'none'}."
            )
        id_, client = chosen[0].id, engine.api()
        before = (engine.inspect(id_) or {}).get("State", {}).get("StartedAt")
        with engine.asking():
            exec_id = client.exec_create(id_, ["sh", "-c", "kill -9 -1"])
            client.exec_start(exec_id, detach=True)
        ends_at = time.monotonic() + 20
        while (
            (now := engine.inspect(id_))
            and now["State"]["Running"]
            and now["State"]["StartedAt"] == before
        ):
            if time.monotonic() > ends_at:
                raise StartFailed(
                    f"The container {chosen[0].name} did not die of `kill -9` from inside. Has its image no shell?"
                )
            time.sleep(0.05)
        return chosen[0].name

    def suspend(self, name: str) -> None:
        """Stop every process of one container but its first (SIGSTOP). Raises BadInput where there is none."""
        found = next((one for one in self.containers() if one.name == name), None)
        if found is None:
            raise BadInput(f"{self.method} has no container {name!r}.")
        client = engine.api()
        with engine.asking():
            exec_id = client.exec_create(found.id, ["sh", "-c", "kill -STOP -1"])["Id"]
            client.exec_start(exec_id, detach=True)

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        """Return its CPU seconds since its start and its bytes of memory, as the engine counts them."""
        return component.cpu_s, component.memory_bytes

    def logs(self, tail: int) -> str:
        """Return the last `tail` lines of each container; nothing where the engine cannot be asked."""
        said = []
        with contextlib.suppress(HostingLabError):
            for one in self.containers():
                with contextlib.suppress(
                    HostingLabError
                ):  # one that is gone by now does not silence the others
                    said.append(deaths.last_lines(one, tail))
        return "\n".join(said)

    def remove_all_but(self, kept: Collection[str]) -> None:
        """Remove the model containers whose ids are not `kept`; also one that Compose, cut off in the middle, is still making."""
        self._until_nothing(
            lambda: self._removed(
                [one for one in self.containers() if one.service == "model" and one.id not in kept]
            )
        )

    def remove(self, ids: Collection[str]) -> None:
        """Stop these containers, which answer what they have, and remove them. Raises StartFailed where one stays."""
        self._until_nothing(
            lambda: self._removed([one for one in self.containers() if one.id in ids])
        )

    def shut_down(self) -> None:
        """Stop and remove all containers and networks of the run: the API first, so that what is in flight finds its model.

        A launch that was cut off may still be making some: it is killed, and the engine is asked until nothing is found twice.
        """
        record, mine = state.read(self.method), self.containers()
        project = mine[0].project if mine else project_name(record.run_id) if record else None
        if project is None:
            return
        self._until_nothing(lambda: self._ended(project))

    def _until_nothing(self, removed: Callable[[], bool]) -> None:
        """Call `removed` until it says twice that there was nothing left to remove."""
        ends_at, clean = time.monotonic() + END_TIMEOUT_S, 0
        while clean < 2:
            clean = 0 if removed() else clean + 1
            if time.monotonic() > ends_at:
                raise StartFailed(
                    f"Docker does not remove what it made. See `docker ps -a --filter label={engine.SERVICE}`, and `docker rm -f` what is there."
                )
            if clean < 2:
                time.sleep(0.3)

    def _ended(self, project: str) -> bool:
        """End Compose and remove what there is of the project; return whether there was anything."""
        end_launchers(project)
        client, filters = engine.api(), {"label": [f"{PROJECT}={project}"]}
        left = [one for one in engine.containers() if one.project == project]
        for service in ("api", "model"):
            self._removed([one for one in left if one.service == service])
        with engine.asking():
            everything = client.containers(all=True, filters=filters)
            networks = client.networks(filters=filters)
            for one in everything:
                _willing(client.remove_container)(one["Id"], force=True, v=True)
            for one in networks:
                _willing(client.remove_network)(one["Id"])
        return bool(left or everything or networks)

    def _removed(self, containers: Collection[Container]) -> bool:
        """Stop and remove these, all at once; return whether there were any."""
        client = engine.api()

        def remove(one: Container) -> None:
            _willing(client.stop)(one.id, timeout=STOP_S)
            _willing(client.remove_container)(one.id, force=True, v=True)

        with engine.asking(), ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(remove, containers))
        return bool(containers)

    def _death(self, one: Container) -> Death | None:
        details = engine.inspect(one.id)
        return deaths.last_death(one, details) if details else None

    def _told(self, one: Container, death: Death) -> str:
        again = (
            f"`hostlab up {self.method}` starts it again"
            if one.state in ("exited", "dead")
            else "Docker starts it again"
        )
        return f"The container {one.name} {death}. {again}; `hostlab logs {self.method}` says more."

    def _trouble(self, mine: list[Container], launching: bool) -> str | None:
        """Return why it does not serve, or None where it may only need time."""
        for one in mine:
            if not one.ready and (death := self._death(one)):
                return self._told(one, death)
            if one.health == "unhealthy":
                return f"The container {one.name} runs, but is not ready: its health check fails. `hostlab logs {self.method}` says more."
        missing = {"api", "model"} - {one.service for one in mine}
        if missing and not launching:
            return f"There is no container of {' and '.join(sorted(missing))}-service. `hostlab up {self.method}` makes it again."
        return None


def _willing(act: Callable[..., object]) -> Callable[..., None]:
    """Return `act`, content where the engine refuses: what it acts on is gone already, or somebody else removes it just now."""

    def safely(*arguments: object, **options: object) -> None:
        with contextlib.suppress(APIError):  # whatever is left is tried again
            act(*arguments, **options)

    return safely


def _part(one: Container) -> Component:
    client, details = engine.api(), engine.inspect(one.id)
    condition = (
        "dead"
        if one.state in ("exited", "dead", "restarting")
        else "running"
        if one.ready
        else "starting"
    )
    if details is None or not details["State"]["Running"]:
        return Component(
            one.name,
            "container",
            one.service,
            one.id,
            "dead",
            restarts=details["RestartCount"] if details else 0,
        )
    with engine.asking():
        stats = client.stats(
            one.id, stream=False, one_shot=True
        )  # one_shot: without the second that percentages would need
    memory = stats["memory_stats"]
    # as `docker stats` counts: without files that are only cached (cgroup v1 and v2 name them differently)
    cached = memory.get("stats", {}).get(
        "total_inactive_file", memory.get("stats", {}).get("inactive_file", 0)
    )
    used = memory["usage"] - cached if "usage" in memory else None
    since = datetime.fromisoformat(details["State"]["StartedAt"][:19] + "+00:00").timestamp()
    cpu_s = stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    return Component(
        one.name,
        "container",
        one.service,
        one.id,
        condition,
        since,
        cpu_s,
        used,
        details["RestartCount"],
    )
