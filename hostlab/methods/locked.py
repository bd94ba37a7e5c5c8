"""Changes of a running method wait for each other: a scaling for a stop, a rollout for a scaling.

Two of them at once would each undo what the other one does, from two terminals or two notebooks.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from hostlab.deployment import Deployment
from hostlab.runtime import state

P = ParamSpec("P")
D = TypeVar("D", bound=Deployment)


def locked(change: Callable[Concatenate[D, P], None]) -> Callable[Concatenate[D, P], None]:
    """Make a method of a deployment hold the lock that start() and stop() take."""

    @functools.wraps(change)
    def change_alone(deployment: D, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with state.lock(deployment.method):
            change(deployment, *args, **kwargs)

    return change_alone
