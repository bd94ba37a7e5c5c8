"""R, the limit: what this machine does in one process with the same texts, without HTTP.

The process tokenizes the texts and runs the model. Texts are sorted by length, and divided into
batches by a budget of tokens. How many batches run concurrently, each on one core, and the budget
are the best that were found here by trying. During the measurement, the load generator sends
as many requests a second to a server that only responds, so that R has the same share of the
machine as a service. R itself is the figure of the fastest engine in fp32.

The model runs in a process of its own, limit_process.py.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import IO, Any, Self

from deployments.model.engines.types import EngineName
from hostlab.measure.load.generator import OpenLoad
from hostlab.measure.load.null_server import null_server
from hostlab.runtime.engines import is_installed
from hostlab.runtime.paths import ROOT, python_path

TORCH: EngineName = "torch"
_FP32: tuple[EngineName, ...] = ("onnx", "openvino", TORCH)  # the services' default first
BUDGETS = (128, 256, 512, 1024)  # tokens of a batch, padding included


@dataclass(frozen=True)
class Setting:
    """What R was measured with.

    `workers`: how many batches run concurrently, each on one core. `budget`: tokens in a batch.
    """

    workers: int
    budget: int


def engines() -> list[EngineName]:
    """Return the engines in fp32 that are installed, the services' default first."""
    return [engine for engine in _FP32 if is_installed(engine)]


class Limit:
    """The process, and the load that runs at the same time. Use it as a context manager.

    `engine`: what runs the model. `per_s`: the last figure of each set, which is the rate of the
    load in the next measurement. `tried`: all settings with their figures. `best`: the best setting
    of each set.
    """

    def __init__(self, model: str, engine: EngineName, log: Any) -> None:
        self._model, self.engine, self._log, self._stack = model, engine, log, ExitStack()
        self.per_s: dict[str, float] = {}
        self.tried: list[dict[str, Any]] = []
        self.best: dict[str, Setting] = {}

    def __enter__(self) -> Self:
        self._null = self._stack.enter_context(null_server())
        command = [sys.executable, "-m", "benchmarks.limit_process", self._model, self.engine]
        environment = os.environ | {"PYTHONPATH": python_path()}
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._stack.callback(self._end)
        self.peak_mb()  # responds when the model is loaded
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def find_best(self, name: str, texts: list[str], seconds: float) -> Setting:
        """Try all settings with a set of texts, and keep the fastest one."""
        cores, most = min(8, os.cpu_count() or 1), 0.0
        for workers, budget in product(range(1, cores + 1), BUDGETS):
            setting = Setting(workers, budget)
            per_s = self.measure(name, texts, setting, seconds)
            self.tried.append({"set": name, "per_s": per_s} | vars(setting))
            if per_s > most:
                self.best[name], most = setting, per_s
        self.per_s[name] = most
        return self.best[name]

    def measure(self, name: str, texts: list[str], setting: Setting, seconds: float) -> float:
        """Return texts a second, while the load runs.

        They are measured over whole passes through `texts`, for at least `seconds`.
        """
        # spend: the null server costs nothing, and cannot be asked for its prices.
        load = OpenLoad(
            self._null,
            texts=texts,
            rate_per_s=self.per_s.get(name, 50.0),
            arrivals="constant",
            spend=True,
        )
        with load:
            self.per_s[name] = self._ask(
                do="batches", texts=texts, seconds=seconds, **vars(setting)
            )["per_s"]
        return self.per_s[name]

    def one_by_one(self, texts: list[str], seconds: float) -> list[float]:
        """Return the milliseconds of each text by itself, repeatedly for `seconds`."""
        answer = self._ask(do="one by one", texts=texts, seconds=seconds)
        latencies_ms: list[float] = answer["latencies_ms"]
        return latencies_ms

    def peak_mb(self) -> float:
        """Return the peak memory of the process in MB."""
        return float(self._ask(do="memory")["peak_mb"])

    def _ask(self, **order: Any) -> dict[str, Any]:
        stdin, stdout = self._pipes()
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        if not (line := stdout.readline()):
            raise RuntimeError("The process that measures R has died. Its log says why.")
        result: dict[str, Any] = json.loads(line)
        return result

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout  # because both are pipes
        return stdin, stdout

    def _end(self) -> None:
        stdin, stdout = self._pipes()
        stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # after Ctrl-C, it still follows an order
            self._process.kill()
            self._process.wait()
        stdout.close()
