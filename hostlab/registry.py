"""The five methods in teaching order.

A new method is one line here, one module in hostlab/methods, and one folder.
"""

import importlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hostlab.deployment import Deployment
from hostlab.errors import BadInput
from hostlab.types import Status


@dataclass(frozen=True)
class Method:
    """A method's name, its title in a list, and its class in hostlab.methods as `module:class`.

    The class is imported when it is needed, because docker-py takes a moment to import.
    """

    name: str
    title: str
    deployment: str


_METHODS = (
    Method("in-process", "In one process", "in_process:InProcess"),
    Method("separate-process", "In a separate process", "separate_process:SeparateProcess"),
    Method("docker", "Docker services", "docker.deployment:Docker"),
    Method("kubernetes", "Kubernetes cluster", "kubernetes.deployment:Kubernetes"),
    Method("api", "System through an API", "api.deployment:SystemThroughApi"),
)
METHODS: dict[str, Method] = {method.name: method for method in _METHODS}


def get(name: str) -> Deployment:
    """Return the deployment of one method.

    Raises BadInput if there is no method of that name.
    """
    if name not in METHODS:
        raise BadInput(f"There is no method {name!r}. The methods are: {', '.join(METHODS)}.")
    module, _, class_name = METHODS[name].deployment.partition(":")
    deployment = getattr(importlib.import_module(f"hostlab.methods.{module}"), class_name)()
    if not isinstance(deployment, Deployment):
        raise TypeError(f"{class_name} is no subclass of Deployment.")
    return deployment


def status(name: str) -> Status:
    """Return the status of one method, even where a package that it needs cannot be imported.

    Raises BadInput if there is no method of that name.
    """
    try:
        deployment = get(name)
    except ImportError as error:
        reason = f"A package that it needs cannot be imported: {error}. Run `make setup` again."
        return Status(name, "unavailable", reason=reason)
    return deployment.status()


def running() -> list[Deployment]:
    """Return the deployments that are running, in teaching order, no matter who started them."""
    return [get(status.method) for status in statuses() if status.state == "running"]


def statuses() -> list[Status]:
    """Return the status of every method, in teaching order.

    They are queried concurrently, because an engine or a cluster may be slow to answer.
    """
    with ThreadPoolExecutor(max_workers=len(METHODS)) as pool:
        return list(pool.map(status, METHODS))
