"""What is measured: two methods of this project, and the peers as processes.

All of them serve POST /predict. While one is measured, the others are suspended.
"""

import contextlib
import itertools
import os
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests

from benchmarks.environments import prepare
from deployments.model.export import cached_export
from deployments.model.source import SHIPPED, find_source
from hostlab import get
from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.runtime.ports import free_port
from hostlab.runtime.spawning import detached

HERE = Path(__file__).parent
START_TIMEOUT_S = 180.0
# For all peers: no network, and no telemetry.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "BENTOML_DO_NOT_TRACK": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True)
class Kind:
    """A peer as peers.toml describes it."""

    name: str
    title: str
    packages: list[str]
    server: list[str]
    takes_lists: bool = False
    documented: dict[str, Any] = field(default_factory=dict)
    sweep: dict[str, list[Any]] = field(default_factory=dict)

    def key(self, onnx: bool) -> str:
        """Return the name in the results, with the pipeline or with the ONNX file."""
        return f"{self.name} onnx" if onnx else self.name

    def settings(self) -> Iterator[dict[str, Any]]:
        """Yield what its documentation shows, and then all combinations of its sweep.

        A batch of one text does not wait for others, so its waiting time is not varied.
        """
        seen = [self.documented]
        yield self.documented
        for values in itertools.product(*self.sweep.values()):
            setting = dict(zip(self.sweep, values, strict=True))
            if setting.get("BATCH_SIZE") == 1:
                waits = self.sweep.keys() - {"BATCH_SIZE", "WORKERS"}
                setting |= {name: self.sweep[name][0] for name in waits}
            if setting not in seen:
                seen.append(setting)
                yield setting


def kinds() -> dict[str, Kind]:
    """Return the peers of peers.toml by name."""
    with open(HERE / "peers.toml", "rb") as file:
        return {name: Kind(name, **known) for name, known in tomllib.load(file).items()}


class Target:
    """Something that serves predictions. `name` is its key in the figures."""

    takes_lists = False

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title, self.url = name, title, ""

    def start(self) -> None:
        """Start it, and return when it serves predictions. Raises StartFailed."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop it, even if it is suspended."""
        raise NotImplementedError

    def processes(self) -> list[psutil.Process]:
        """Return its processes, parents before children."""
        raise NotImplementedError

    def texts(self, texts: Sequence[str]) -> list[str | list[str]]:
        """Return what the requests contain that have one text each."""
        return [[text] for text in texts] if self.takes_lists else list(texts)

    @contextlib.contextmanager
    def awake(self) -> Iterator[None]:
        """Resume it for the time of a measurement, because idle servers use CPU time, too."""
        self._each(psutil.Process.resume, reverse=True)
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        """Suspend its processes."""
        self._each(psutil.Process.suspend)

    def _each(self, do: Callable[[psutil.Process], None], reverse: bool = False) -> None:
        found = self.processes()
        for process in reversed(found) if reverse else found:
            with contextlib.suppress(psutil.NoSuchProcess):
                do(process)


class Ours(Target):
    """A method of this project, with its own defaults."""

    def __init__(self, method: str) -> None:
        super().__init__(method, method)
        self.service = get(method)

    def start(self) -> None:
        self.service.start()
        self.url = self.service.url

    def stop(self) -> None:
        self._each(psutil.Process.resume)
        self.service.stop()

    def processes(self) -> list[psutil.Process]:
        running = (one for one in self.service.components() if one.state == "running")
        return [psutil.Process(int(one.id)) for one in running]


class Peer(Target):
    """A peer with one setting, in its own environment, on `threads` cores in all.

    `variant` distinguishes it from the same peer with other settings. With `onnx`, it runs the
    export instead of the transformers pipeline.
    """

    def __init__(
        self,
        kind: Kind,
        variant: str,
        setting: Mapping[str, Any],
        environments: Path,
        logs: Path,
        threads: int,
        onnx: bool = False,
    ) -> None:
        title = ", ".join(filter(None, [kind.title, "ONNX file" if onnx else "", variant]))
        super().__init__(f"{kind.key(onnx)} {variant}".strip(), title)
        self.kind, self.setting, self.takes_lists = kind, dict(setting), kind.takes_lists
        self.onnx = onnx
        self._environments, self._threads = environments, threads
        self._log = logs / f"{self.name.replace(' ', '-')}.log"
        self._process: psutil.Popen | None = None

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Create its environment if necessary. Raises HostingLabError."""
        self._python = prepare(self.kind.name, self.kind.packages, self._environments, progress)

    def start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        # Its workers share the cores. With all cores for each, two workers did a third of what one
        # does.
        threads = max(1, self._threads // int(self.setting.get("WORKERS", 1)))
        known = {
            "PORT": port,
            "MODEL": SHIPPED,
            "MODEL_THREADS": threads,
            "OMP_NUM_THREADS": threads,
        } | self.setting
        if self.onnx:
            known["EXPORT"] = cached_export(find_source(str(SHIPPED)))
        # Its own programs (ray, bentoml) are next to its Python. Nothing of the project is on its
        # path.
        path = {
            "PATH": os.pathsep.join([str(self._python.parent), os.environ.get("PATH", "")]),
            "PYTHONPATH": "",
        }
        environment = (
            os.environ | QUIET | {name: str(value) for name, value in known.items()} | path
        )
        command = [str(self._python), *(part.format(port=port) for part in self.kind.server)]
        with open(self._log, "wb") as log:
            self._process = psutil.Popen(
                command,
                cwd=HERE / "servers",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **detached(),
            )
        self._wait()

    def _wait(self) -> None:
        body, ends = {"text": self.texts(["Is it ready?"])[0]}, time.monotonic() + START_TIMEOUT_S
        with local_session() as session:
            process = self._process
            while process and time.monotonic() < ends and process.poll() is None:
                with contextlib.suppress(requests.RequestException):
                    response = session.post(f"{self.url}/predict", json=body, timeout=30)
                    if response.status_code == 200:
                        [prediction] = response.json()
                        if prediction["label"] in ("POSITIVE", "NEGATIVE"):
                            return
                time.sleep(0.2)
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise StartFailed(
            f"{self.title} exited or did not respond within {START_TIMEOUT_S:.0f} s.", tail
        )

    def stop(self) -> None:
        if self._process is None:
            return
        found = self.processes()
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.terminate()
        _, left = psutil.wait_procs(found, timeout=15)
        for unresponsive in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                unresponsive.kill()
        psutil.wait_procs(left, timeout=5)
        self._process = None

    def processes(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)] if self._process else []
        except psutil.NoSuchProcess:
            return []
