"""The services of a measurement: those that do not run are started, and those that were started
here are stopped again.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError


class Hosted:
    """Use as a context; `start` in it.

    `failed` has the reason for each method that could not be started.
    """

    def __init__(self, services: Sequence[Deployment]) -> None:
        self.services = list(services)
        self.failed: dict[str, str] = {}
        self.own: list[Deployment] = []

    def start(self) -> Iterator[tuple[str, float]]:
        """Start what does not run; yield (what goes on, share done)."""
        for number, service in enumerate(self.services):
            status = service.status()
            if status.state in (
                "running",
                "unavailable",
            ):  # the parts say why the latter cannot be measured
                continue
            yield f"Starting {service.method}", number / len(self.services)
            self.take(service)
            try:
                service.start()
            except HostingLabError as error:
                self.own.remove(service)
                self.failed[service.method] = str(error)

    def take(self, service: Deployment) -> None:
        """Stop this one, too, at the end, whoever starts it."""
        if service not in self.own:
            self.own.append(service)

    def __enter__(self) -> "Hosted":
        return self

    def __exit__(self, *_: object) -> None:
        with ThreadPoolExecutor() as pool:  # most of it is waiting, and for Kubernetes long
            list(pool.map(lambda service: service.stop(), self.own))
