"""Host a method as containers: what runs is asked of the engine, never of a file. Find, watch, kill, mend, end them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from docker.errors import APIError

from .. import state
from ..base import Found, Part
from ..errors import BadInput, HostingLabError, StartFailed
from . import engine
from .compose import Project, deadline, end_launchers, project_name
from .engine import PROJECT, Container

STOP_S = 15  # stop_grace_period of docker-compose.yml
END_TIMEOUT_S = 60.0


class ContainerHost:
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

    def find(self) -> Found | None:
        mine = self.containers()
        record = state.read(self.method)
        launching = record is not None and record.state == "starting"
        if not mine:
            return Found(record.run_id, "starting", None, record.since, "Its images are being built.") if launching else None
        url = next((f"http://127.0.0.1:{one.port}" for one in mine if one.port), None)
        serving = url and {"api", "model"} <= {one.service for one in mine if one.ready}
        trouble = None if serving else self._trouble(mine, launching)
        condition = "running" if serving else "failed" if trouble else "starting"
        reason = trouble or (None if serving else "Its containers are not ready yet.")
        return Found(mine[0].run_id, condition, url, mine[0].created, reason)

    def parts(self) -> list[Part]:
        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(_part, self.containers()))

    def project(self, version: str | None = None) -> Project:
        """Return the compose project of what runs, with the variables that it was started with."""
        mine = self.containers()
        port = next((one.port for one in mine if one.port), None)
        version = version or next((one.version for one in mine if one.service == "model"), mine[0].version)
        variables = {"HOSTLAB_RUN_ID": mine[0].run_id or "", "HOSTLAB_VERSION": version}
        return Project(mine[0].project, variables | ({"API_PORT": str(port)} if port else {}))

    def mend(self) -> None:
        """Start what has ended, make what was removed, and wait until all is healthy."""
        replicas = max(1, sum(one.service == "model" for one in self.containers()))
        arguments = ["up", "--detach", "--wait", "--no-build", "--no-recreate", "--scale", f"model-service={replicas}"]
        self.project()(*arguments, doing="Starting the containers again", progress=lambda sentence: None, watch=deadline(120, "Mending"))

    def kill(self, part: str | None) -> str:
        """Kill the program in one container outright, as a crash would; `part` is its name, else a model that is ready. Return its name.

        `docker kill` counts as a wish of the user, after which the engine does not start the container again; so the
        program is killed from inside, and process 1 (`init: true`) ends with it.
        """
        mine = self.containers()
        chosen = [one for one in mine if (one.name == part if part else one.service == "model" and one.ready)]
        if not chosen:
            what = f"container {part!r}" if part else "model container that is ready"
            raise BadInput(f"{self.method} has no {what}. It has: {', '.join(one.name for one in mine) or 'none'}.")
        id_, client = chosen[0].id, engine.api()
        before = (engine.inspect(id_) or {}).get("State", {}).get("StartedAt")
        with engine.asking():
            exec_id = client.exec_create(id_, ["sh", "-c", "kill -9 -1"])
            client.exec_start(exec_id, detach=True)
        ends_at = time.monotonic() + 20
        while (now := engine.inspect(id_)) and now["State"]["Running"] and now["State"]["StartedAt"] == before:
            if time.monotonic() > ends_at:
                raise StartFailed(f"The container {chosen[0].name} did not die of `kill -9` from inside. Has its image no shell?")
            time.sleep(0.05)
        return chosen[0].name

    def logs(self, tail: int) -> str:
        """Return the last `tail` lines of each container; nothing where the engine cannot be asked."""
        try:
            client, mine = engine.api(), self.containers()
            with engine.asking():
                logs = [client.logs(one.id, tail=tail).decode("utf-8", "replace").rstrip() for one in mine]
        except HostingLabError:
            return ""
        return "\n".join(f"--- {one.name}\n{log}" for one, log in zip(mine, logs, strict=True))

    def end(self) -> None:
        """Stop and remove all containers and networks of the run: the API first, so that what is in flight finds its model.

        A launch that was cut off may still be making some: it is killed, and the engine is asked until nothing is found twice.
        """
        record, mine = state.read(self.method), self.containers()
        project = mine[0].project if mine else project_name(record.run_id) if record else None
        if project is None:
            return
        ends_at, clean = time.monotonic() + END_TIMEOUT_S, 0
        while clean < 2:
            end_launchers(project)
            clean = 0 if self._removed(project) else clean + 1
            if time.monotonic() > ends_at:
                raise StartFailed(f"What Docker made for {project} cannot be removed. See `docker ps -a --filter label={PROJECT}={project}`.")
            if clean < 2:
                time.sleep(0.3)

    def _removed(self, project: str) -> bool:
        """Remove what there is of the project; return whether there was anything."""
        client, filters = engine.api(), {"label": [f"{PROJECT}={project}"]}
        with engine.asking(), ThreadPoolExecutor(max_workers=8) as pool:
            left = [one for one in engine.containers() if one.project == project]
            for service in ("api", "model"):
                list(pool.map(_willing(lambda one: client.stop(one.id, timeout=STOP_S)), [one for one in left if one.service == service]))
            everything = client.containers(all=True, filters=filters)
            list(pool.map(_willing(lambda one: client.remove_container(one["Id"], force=True, v=True)), everything))
            networks = client.networks(filters=filters)
            list(map(_willing(lambda one: client.remove_network(one["Id"])), networks))
        return bool(everything or networks)

    def death(self, one: Container) -> str | None:
        """Return how a container's program has died since the container was made, or None where it has not."""
        details = engine.inspect(one.id)
        if details is None or not (one.state in ("exited", "dead", "restarting") or details["RestartCount"]):
            return None
        code, out_of_memory = engine.last_death(one, details)
        ended = "died" if code is None else f"ended with exit status {code}"
        how = "was killed for using more memory than its limit" if out_of_memory else ended
        again = "Docker starts it again" if one.state not in ("exited", "dead") else f"`hostlab up {self.method}` starts it again"
        return f"The container {one.name} {how}. {again}; `hostlab logs {self.method}` says more."

    def _trouble(self, mine: list[Container], launching: bool) -> str | None:
        """Return why it does not serve, or None where it may only need time."""
        for one in mine:
            if not one.ready and (why := self.death(one)):
                return why
            if one.health == "unhealthy":
                return f"The container {one.name} runs, but is not ready: its health check fails. `hostlab logs {self.method}` says more."
        missing = {"api", "model"} - {one.service for one in mine}
        if missing and not launching:
            return f"There is no container of {' and '.join(sorted(missing))}-service. `hostlab up {self.method}` makes it again."
        return None


def _willing(act: Callable) -> Callable:
    """Return `act`, content where the engine refuses: what it acts on is gone already, or somebody else removes it just now."""

    def safely(one: object) -> None:
        try:
            act(one)
        except APIError:
            return  # whatever is left is tried again

    return safely


def _part(one: Container) -> Part:
    client, details = engine.api(), engine.inspect(one.id)
    condition = "dead" if one.state in ("exited", "dead", "restarting") else "running" if one.ready else "starting"
    if details is None or not details["State"]["Running"]:
        return Part(one.name, "container", one.id, "dead", restarts=details["RestartCount"] if details else 0)
    with engine.asking():
        stats = client.stats(one.id, stream=False, one_shot=True)  # one_shot: without the second that percentages would need
    memory = stats["memory_stats"]
    # as `docker stats` counts: without files that are only cached (cgroup v1 and v2 name them differently)
    cached = memory.get("stats", {}).get("total_inactive_file", memory.get("stats", {}).get("inactive_file", 0))
    used = memory["usage"] - cached if "usage" in memory else None
    since = datetime.fromisoformat(details["State"]["StartedAt"][:19] + "+00:00").timestamp()
    cpu_s = stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    return Part(one.name, "container", one.id, condition, since, cpu_s, used, details["RestartCount"])
