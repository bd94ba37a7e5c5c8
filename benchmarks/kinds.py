"""The peers, as peers.toml describes them."""

import itertools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ONNX_SUFFIX = " onnx"  # of a peer's name in the results


@dataclass(frozen=True)
class Kind:
    """A peer as peers.toml describes it.

    Attributes:
        route: Where its requests go.
        key: The name of the text in a request's JSON.
        takes_lists: Whether it expects a list, also for one text.
        documented: The settings that its documentation shows.
        sweep: The values of each setting to try with the transformers model.
        sweep_onnx: The same with the ONNX file.
    """

    name: str
    title: str
    packages: list[str]
    server: list[str]
    route: str = "/predict"
    key: str = "text"
    takes_lists: bool = False
    documented: dict[str, Any] = field(default_factory=dict)
    sweep: dict[str, list[Any]] = field(default_factory=dict)
    sweep_onnx: dict[str, list[Any]] = field(default_factory=dict)

    def result_name(self, onnx: bool) -> str:
        """Return the name in the results, with the transformers model or with the ONNX file."""
        return f"{self.name}{ONNX_SUFFIX}" if onnx else self.name

    def settings(self, onnx: bool) -> Iterator[dict[str, Any]]:
        """Yield all settings to try. With the transformers model, the documented one is first.

        A batch of one text does not wait for others, so its waiting time is not varied.
        """
        values = self.sweep_onnx if onnx else self.sweep
        if not values:
            return
        seen: list[dict[str, Any]] = [] if onnx else [self.documented]
        yield from seen
        for chosen in itertools.product(*values.values()):
            setting = dict(zip(values, chosen, strict=True))
            if setting.get("BATCH_SIZE") == 1:
                waits = values.keys() - {"BATCH_SIZE", "WORKERS"}
                setting |= {name: values[name][0] for name in waits}
            if setting not in seen:
                seen.append(setting)
                yield setting


def kinds() -> dict[str, Kind]:
    """Return the peers of peers.toml by name."""
    with open(HERE / "peers.toml", "rb") as file:
        return {name: Kind(name, **known) for name, known in tomllib.load(file).items()}
