"""The services of a measurement: those that do not run are started, and stopped
again at the end.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from hostlab.deployment import Deployment
from hostlab.errors import HostingLabError
from hostlab.runtime.progress import Sentence


class MeasuredServices:
    """A context manager that stops what was started in it.

    `started`: the services that were started for the measurement. `failed`: the reason for each
    method that could not be started.
    """

    def __init__(self, services: Sequence[Deployment]) -> None:
        self.services = list(services)
        self.failed: dict[str, str] = {}
        self.started: list[Deployment] = []

    def start(self) -> Iterator[tuple[Sentence, float]]:
        """Start what does not run; yield a sentence and the share that is done."""
        for number, service in enumerate(self.services):
            # The parts report why an unavailable method cannot be measured.
            if service.status().state in ("running", "unavailable"):
                continue
            yield Sentence("measure.starting", method=service.method), number / len(self.services)
            self.take(service)
            try:
                service.start()
            except HostingLabError as error:
                self.started.remove(service)
                self.failed[service.method] = str(error)

    def take(self, service: Deployment) -> None:
        """Stop this service at the end, too, whoever starts it."""
        if service not in self.started:
            self.started.append(service)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ThreadPoolExecutor() as pool:  # most of it is waiting, which is long for Kubernetes
            list(pool.map(lambda service: service.stop(), self.started))
