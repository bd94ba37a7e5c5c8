"""The five methods in teaching order. A new method is one line here and one folder."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hostlab.deployment import Deployment
from hostlab.errors import BadInput
from hostlab.types import Status


@dataclass(frozen=True)
class Method:
    """How a method is called, in a list and in code."""

    name: str
    title: str
    deployment: str  # module:class, imported when the method is asked for


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("in-process", "In one process", "hostlab.methods.in_process:InProcess"),
        Method(
            "separate-process",
            "In a separate process",
            "hostlab.methods.separate_process:SeparateProcess",
        ),
        Method("docker", "Docker services", "hostlab.methods.docker.deployment:Docker"),
        Method(
            "kubernetes", "Kubernetes cluster", "hostlab.methods.kubernetes.deployment:Kubernetes"
        ),
        Method("api", "System through an API", "hostlab.methods.api.deployment:SystemThroughApi"),
    )
}


def get(name: str) -> Deployment:
    """Return the deployment of one method. Raises BadInput for a name that is none."""
    if name not in METHODS:
        raise BadInput(f"There is no method {name!r}. The methods are: {', '.join(METHODS)}.")
    module, _, cls = METHODS[name].deployment.partition(":")
    return getattr(importlib.import_module(module), cls)()


def running() -> list[Deployment]:
    """Return the deployments that run and answer now, in teaching order, whoever started them."""
    return [get(status.method) for status in statuses() if status.state == "running"]


def statuses() -> list[Status]:
    """Return the state of every method, in teaching order. They are asked at once: an engine or a cluster may take its time."""
    deployments = [get(name) for name in METHODS]
    with ThreadPoolExecutor(max_workers=len(deployments)) as pool:
        return list(pool.map(lambda deployment: deployment.status(), deployments))
