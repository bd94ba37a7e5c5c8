"""What is measured: two methods of this project, and the peers as processes.

While one is measured, the others are suspended.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import requests

from benchmarks.environments import prepare
from benchmarks.kinds import HERE, Kind
from benchmarks.load import PeerLoad
from deployments.model.export import cached_export
from deployments.model.source import SHIPPED, find_source
from hostlab import get
from hostlab.errors import StartFailed
from hostlab.http import local_session
from hostlab.measure.load.generator import ClosedLoad
from hostlab.runtime.ports import free_port
from hostlab.runtime.spawning import detached

START_TIMEOUT_S = 180.0
# For all peers: no network, and no telemetry.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "BENTOML_DO_NOT_TRACK": "true",
    "INFINITY_ANONYMOUS_USAGE_STATS": "0",
    "ORT_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
    "PYTHONUNBUFFERED": "1",
}


def label_of(answer: Any) -> str:
    """Return the label of one text. infinity-emb responds with the scores of all labels."""
    scores = answer["data"][0] if isinstance(answer, dict) else answer
    return str(max(scores, key=lambda one: one["score"])["label"])


class Target:
    """Something that serves predictions. `name` is its key in the figures."""

    route, key, takes_lists = "/predict", "text", False

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

    def closed_load(self, texts: Sequence[str | list[str]], users: int) -> ClosedLoad:
        """Return a closed loop that sends these texts, or lists of texts."""
        return ClosedLoad(self.url, users=users, texts=texts, spend=True)

    def labels(self, texts: Sequence[str]) -> list[str]:
        """Return the label of each text, sent one at a time. Raises RequestException."""
        with local_session() as session:
            return [self._label(session, body) for body in self.texts(texts)]

    def _label(self, session: requests.Session, text: str | list[str]) -> str:
        response = session.post(f"{self.url}{self.route}", json={self.key: text}, timeout=30)
        response.raise_for_status()
        return label_of(response.json())

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
        super().__init__(f"{kind.result_name(onnx)} {variant}".strip(), title)
        self.kind, self.setting, self.onnx = kind, dict(setting), onnx
        self.route, self.key, self.takes_lists = kind.route, kind.key, kind.takes_lists
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
            "BENTOML_HOME": self._log.parent / "bentoml",
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
        ends = time.monotonic() + START_TIMEOUT_S
        process = self._process
        while process and time.monotonic() < ends and process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                self.labels(["Is it ready?"])
                return
            time.sleep(0.2)
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise StartFailed(
            f"{self.title} exited or did not respond within {START_TIMEOUT_S:.0f} s.", tail
        )

    def closed_load(self, texts: Sequence[str | list[str]], users: int) -> ClosedLoad:
        return PeerLoad(
            self.url, users=users, texts=texts, spend=True, route=self.route, key=self.key
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
        _, left = psutil.wait_procs(found, timeout=5)  # LitServe's remain
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
