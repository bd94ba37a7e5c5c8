"""Break one part of a service from outside, whatever it is made of. Killing is the deployments' own (`Deployment.kill`); hanging is here."""

import contextlib

import psutil

from ..base import Deployment, Part
from ..errors import BadInput, HostingLabError

_STOP_ALL = ["sh", "-c", "kill -STOP -1"]  # every process of a container but its first and this one


def model_part(service: Deployment) -> str:
    """Return the name of a part that holds the model, or stands for the one who does. Raises BadInput where none runs."""
    names = [one.name for one in service.parts() if one.state == "running"]
    models = [name for name in names if "api" not in name]
    if not models:
        raise BadInput(f"{service.method} has no part that holds a model and runs now. It has: {', '.join(names) or 'none'}.")
    return models[0]


def api_part(service: Deployment) -> str | None:
    """Return the name of the part that clients talk to, or None where it is the one that holds the model."""
    return next((one.name for one in service.parts() if "api" in one.name and one.state == "running"), None)


def hang(service: Deployment, part: str) -> None:
    """Stop a part's program without ending it (SIGSTOP): its connections stay open, and nothing answers. Raises BadInput, HostingLabError."""
    found = next((one for one in service.parts() if one.name == part), None)
    if found is None:
        raise BadInput(f"{service.method} has no part {part!r}.")
    _HOW[found.kind](service, found)


def _process(service: Deployment, part: Part) -> None:
    psutil.Process(int(part.id)).suspend()


def _container(service: Deployment, part: Part) -> None:
    from ..docker import engine  # only where there is a method that needs it

    client = engine.api()
    with engine.asking():
        client.exec_start(client.exec_create(part.id, _STOP_ALL)["Id"], detach=True)


def _pod(service: Deployment, part: Part) -> None:
    with contextlib.suppress(HostingLabError):  # the shell may be stopped, too, and then the answer is late
        service.host.kubectl("exec", part.name, "--", *_STOP_ALL, timeout_s=5)


_HOW = {"process": _process, "container": _container, "pod": _pod}
