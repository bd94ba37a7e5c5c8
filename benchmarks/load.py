"""The load on a peer whose requests differ from those of this project."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

from hostlab.measure.load.generator import ClosedLoad


def requests_to(url: str, route: str, key: str, texts: Sequence[str | list[str]]) -> list[bytes]:
    """Return the bytes of a POST to a route of `url` for each text, or list of texts."""
    requests = []
    for text in texts:
        body = json.dumps({key: text}).encode()
        lines = (
            f"POST {route} HTTP/1.1",
            f"Host: {urlsplit(url).netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        requests.append("\r\n".join((*lines, "", "")).encode() + body)
    return requests


@dataclass
class PeerLoad(ClosedLoad):
    """A closed loop that sends the texts to `route`, as `key` of a JSON object."""

    route: str = "/predict"
    key: str = "text"

    async def _drive(self) -> None:
        self._requests = cycle(requests_to(self.url, self.route, self.key, self.texts))
        await super()._drive()
