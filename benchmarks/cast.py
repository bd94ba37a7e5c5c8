"""What a comparison consists of: the project's services, and the peers with their settings."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from benchmarks.goals import HALF
from benchmarks.kinds import Kind
from benchmarks.targets import Ours, Peer, Target
from benchmarks.texts import text_set
from hostlab.errors import HostingLabError, StartFailed
from hostlab.measure.machine import features
from hostlab.runtime.engines import is_installed

GOAL_SETS = ("short", "mixed")  # the sets of texts with which the peers are measured
CHECKED_TEXTS = 32
# The service of in-process as a program, because each method can run only once.
_HALF_SERVER = "../../deployments/in_process/service.py"
_HALF_KIND = Kind(HALF, "in-process, openvino-bf16", packages=[], server=[_HALF_SERVER])


def best_settings(sweep: Path, name: str) -> list[tuple[set[str], dict[str, Any]]]:
    """Return the best settings that a sweep found for a peer; none if there was no sweep.

    Each comes with the sets of texts for which it is the best. `name`: the peer's in the results.
    """
    if not sweep.exists():
        return []
    best = json.loads(sweep.read_text(encoding="utf-8"))["best"].get(name, {})
    found: list[tuple[set[str], dict[str, Any]]] = []
    for texts in GOAL_SETS:
        if texts in best:
            same = next((sets for sets, setting in found if setting == best[texts]), None)
            same.add(texts) if same is not None else found.append(({texts}, best[texts]))
    return found


def why_no_half() -> str | None:
    """Return why openvino-bf16 cannot run here; None if it can."""
    if not is_installed("openvino-bf16"):
        return "OpenVINO is not installed"
    if "bf16" not in (features() or []):
        return "this processor does not compute in bf16"
    return None


class Cast:
    """All targets of a comparison.

    Attributes:
        ours: The method in-process, with its defaults.
        gateway: The method separate-process, with its defaults.
        half: The service of in-process with openvino-bf16, where the processor can run it.
        peers: The peers, one for each setting.
        only: The sets of texts of the targets that are not measured with all of them.
        remarks: What is left out, and why.
    """

    def __init__(
        self, chosen: dict[str, Kind], sweep: Path, environments: Path, logs: Path, threads: int
    ) -> None:
        self.ours, self.gateway = Ours("in-process"), Ours("separate-process")
        self.half: Peer | None = None
        self.peers: list[Peer] = []
        self.only: dict[str, set[str]] = {}
        self.remarks: list[str] = []
        self._sweep, self._place = sweep, (environments, logs, threads)
        self._best: list[tuple[str, str, str]] = []  # see fill_best()
        if reason := why_no_half():
            self.remarks.append(f"{_HALF_KIND.title} is left out, because {reason}.")
        else:
            setting = {"MODEL_ENGINE": "openvino-bf16"}
            self.half = Peer(_HALF_KIND, "", setting, *self._place)
            self.only[self.half.name] = {"short"}
        for kind in chosen.values():
            self._add(kind)

    def _add(self, kind: Kind) -> None:
        """Add a peer as documented, and with the best settings of the sweep."""
        variant = "documented" if kind.documented else ""
        documented = Peer(kind, variant, kind.documented, *self._place)
        self.peers.append(documented)
        self.only[documented.name] = set(GOAL_SETS)
        for onnx in (False, True):
            name = kind.result_name(onnx)
            found = best_settings(self._sweep, name)
            if not found and any(kind.settings(onnx)):
                self.remarks.append(f"The sweep has no best setting of {name}.")
            for sets, setting in found:
                peer = documented
                if onnx or setting != kind.documented:
                    variant = f"best of sweep, {' and '.join(sorted(sets))}"
                    peer = Peer(kind, variant, setting, *self._place, onnx=onnx)
                    self.peers.append(peer)
                    self.only[peer.name] = sets
                self._best += [(texts, f"{name} best", peer.name) for texts in sets]

    @property
    def targets(self) -> list[Target]:
        """All targets."""
        half = [self.half] if self.half else []
        return [self.ours, self.gateway, *half, *self.peers]

    def fill_best(self, figures: dict[str, list[float]]) -> None:
        """Add the figures of each peer's best settings under the names that the goals use."""
        for texts, best, name in self._best:
            if measured := figures.get(f"saturation/{texts}/{name}"):
                figures[f"saturation/{texts}/{best}"] = measured

    def start(self, stack: contextlib.ExitStack, progress: Callable[[str], None]) -> None:
        """Start all targets, and suspend them.

        A peer that does not start, or that gives other labels than ours, is excluded, and a remark
        says why.
        """
        texts, expected = text_set("mixed", CHECKED_TEXTS), None
        for target in self.targets:
            progress(f"starting {target.title}")
            stack.callback(target.stop)
            if not isinstance(target, Peer):
                target.start()
                expected = expected or target.labels(texts)
                target.pause()
                continue
            try:
                target.prepare(progress)
                target.start()
                if target is not self.half and target.labels(texts) != expected:
                    raise StartFailed(f"{target.title} gives other labels.")
            except (HostingLabError, requests.RequestException) as error:
                progress(f"{target.title} is excluded: {error}")
                reason = str(error).splitlines()[0]
                self.remarks.append(f"{target.title} is excluded: {reason}")
                target.stop()
                self._drop(target)
                continue
            target.pause()

    def _drop(self, peer: Peer) -> None:
        if peer is self.half:
            self.half = None
        else:
            self.peers.remove(peer)
