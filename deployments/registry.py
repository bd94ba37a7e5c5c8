"""The five methods in teaching order. A new method is one line here and one folder."""

import importlib
from dataclasses import dataclass

from .base import Deployment, Progress, Tool
from .errors import BadInput, Unavailable
from .processes import ProcessHost
from .state import Record


@dataclass(frozen=True)
class Method:
    """How a method is called, in a list and in code."""

    name: str
    title: str
    deployment: str | None  # module:class, imported when the method is asked for; None: not there yet


class NotYet(Deployment):
    """A method of the lecture that this version does not have."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.host = ProcessHost(method)

    def tools(self) -> list[Tool]:
        return [Tool("this method", "one of the five of the lecture", "It comes with a later version.", lambda: "It is not there yet.")]

    def launch(self, record: Record, progress: Progress) -> None:
        raise Unavailable(f"{self.method} is not there yet.")


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("in-process", "In one process", "deployments.in_process.deployment:InProcess"),
        Method("separate-process", "In a separate process", "deployments.separate_process.deployment:SeparateProcess"),
        Method("docker", "Docker services", "deployments.docker.deployment:Docker"),
        Method("kubernetes", "Kubernetes cluster", "deployments.kubernetes.deployment:Kubernetes"),
        Method("api", "System through an API", "deployments.api.deployment:SystemThroughApi"),
    )
}


def get(name: str) -> Deployment:
    """Return the deployment of one method. Raises BadInput for a name that is none."""
    if name not in METHODS:
        raise BadInput(f"There is no method {name!r}. The methods are: {', '.join(METHODS)}.")
    if METHODS[name].deployment is None:
        return NotYet(name)
    module, _, cls = METHODS[name].deployment.partition(":")
    return getattr(importlib.import_module(module), cls)()


def running() -> list[Deployment]:
    """Return the deployments that run and answer now, in teaching order, whoever started them."""
    deployments = [get(name) for name in METHODS]
    return [deployment for deployment in deployments if deployment.status().state == "running"]
