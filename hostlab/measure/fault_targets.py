"""Which component of a service to break."""

from hostlab.deployment import Deployment
from hostlab.errors import BadInput


def model_component(service: Deployment) -> str:
    """Return the name of a running component that holds the model.

    Raises BadInput where none runs.
    """
    running = [one for one in service.components() if one.state == "running"]
    models = [one.name for one in running if one.role != "api"]
    if not models:
        names = ", ".join(one.name for one in running) or "none"
        raise BadInput(
            f"{service.method} has no running component that holds a model. It has: {names}."
        )
    return models[0]


def api_component(service: Deployment) -> str | None:
    """Return the name of the component that clients talk to, or None where it is the one that holds
    the model.
    """
    running = (one for one in service.components() if one.state == "running")
    return next((one.name for one in running if one.role == "api"), None)
