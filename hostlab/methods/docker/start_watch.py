"""Watch containers while Compose waits for them, so that a container that dies ends the wait at
once.
"""

import contextlib
import time
from collections.abc import Callable, Collection

from hostlab.errors import RequestFailed, StartFailed, Unavailable
from hostlab.methods.docker import engine, exits
from hostlab.methods.docker.engine import Container
from hostlab.methods.docker.exits import LastExit


class StartWatch:
    """Raises StartFailed when a container dies after now, or when `timeout_s` seconds have passed.

    `doing` names the work in errors. Containers whose IDs are in `serving` serve already: the death
    of one of them does not end the wait. Where Compose fails, theirs is an explanation too.
    """

    def __init__(
        self,
        containers: Callable[[], list[Container]],
        doing: str,
        timeout_s: float,
        explain: Callable[[Container, LastExit], str],
        serving: Collection[str] = (),
    ) -> None:
        self._containers, self._doing, self._explain = containers, doing, explain
        self._serving, self._timeout_s = serving, timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._earlier = {one.id: last_exit_of(one) for one in containers()}

    def __call__(self, compose_failed: bool) -> None:
        """Check once.

        A busy engine may not answer; the next check comes soon, and Compose reports an engine that
        is gone.
        """
        for _ in range(3 if compose_failed else 1):
            with contextlib.suppress(Unavailable, RequestFailed):
                self._check(compose_failed)
                break
        if not compose_failed and time.monotonic() > self._deadline:
            raise StartFailed(f"{self._doing} took longer than {self._timeout_s:.0f} s.")

    def _check(self, compose_failed: bool) -> None:
        for one in self._containers():
            if compose_failed or not (one.ready or one.id in self._serving):
                last_exit = last_exit_of(one)
                if last_exit and last_exit != self._earlier.get(one.id):
                    raise StartFailed(self._explain(one, last_exit))


def last_exit_of(container: Container) -> LastExit | None:
    """Return how the container's program last ended. Raises Unavailable."""
    details = engine.inspect(container.id)
    return exits.last_exit(container, details) if details else None
