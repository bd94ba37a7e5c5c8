"""A load whose generator is a process of its own, for a Python that has other work: its work is not
in the figures.

The same generator as everywhere (generator.py). Lines of JSON go both ways: in come the load and
each change of it, out go the samples, a few times a second. The process ends with whoever started
it, also when that is killed.
"""

import contextlib
import json
import subprocess
import sys
import threading
import time
from typing import Literal, Self

from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, OpenLoad, Sample
from hostlab.methods.api.spending import check_spending
from hostlab.runtime.paths import ROOT
from hostlab.runtime.spawning import detached

Kind = Literal["closed", "open"]
TELL_S = 0.2  # how often samples are told
LAST_S = 20.0  # to hear the last of them: longer than a request is waited for


class LoadApart:
    """A load in a process of its own: use it as a context, or start() and stop().

    `samples` grows, in the order in which answers come.

    `level` is the users of a closed loop, or the requests a second of an open one (Poisson).
    `cpu_s` is known when it has stopped.
    """

    def __init__(
        self, url: str, kind: Kind, level: float, seed: int = 0, spend: bool = False
    ) -> None:
        self.url, self.kind, self.level, self.seed, self.spend = url, kind, level, seed, spend
        self.samples: list[Sample] = []
        self.cpu_s = 0.0

    def start(self) -> Self:
        """Begin, and return when the first request may be sent.

        Raises BadInput where each would be paid for, unless `spend` is true.
        """
        check_spending(self.url, None, self.spend)
        command = [sys.executable, "-m", "hostlab.measure.load.isolated"]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **detached(),
        )
        self._say({"url": self.url, "kind": self.kind, "level": self.level, "seed": self.seed})
        began = self._process.stdout.readline()
        if not began:
            raise self._failed()
        self._began = time.perf_counter()
        self._reader = threading.Thread(target=self._read, name="load apart", daemon=True)
        self._reader.start()
        return self

    def change(self, level: float) -> None:
        """Go on with so many users, or requests a second.

        Raises HostingLabError where the generator has died.
        """
        if level != self.level:
            self.level = level
            self._say({"level": level})

    def redirect(self, url: str) -> None:
        """Go on at another address: what was started again may be at another port.

        Raises HostingLabError where the generator has died.
        """
        if url != self.url:
            self.url = url
            self._say({"url": url})

    def stop(self) -> list[Sample]:
        """Send no more, wait for what is under way, and return the samples.

        Raises HostingLabError where the generator has died.
        """
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._reader.join(LAST_S)
        if self._process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        failed = self._failed() if self._process.poll() != 0 else None
        self._process.kill()  # does nothing to one that has ended
        self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()
        if failed:
            raise failed
        return self.samples

    @property
    def elapsed_s(self) -> float:
        """Seconds since the load began: what `due_s` of the samples counts."""
        return time.perf_counter() - self._began

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _say(self, what: dict) -> None:
        try:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._failed() from error

    def _read(self) -> None:
        for line in self._process.stdout:
            told = json.loads(line)
            self.samples += [Sample(*one) for one in told["samples"]]
            self.cpu_s = told["cpu_s"]

    def _failed(self) -> HostingLabError:
        self._process.kill()
        lines = self._process.stderr.read().strip().splitlines()
        return HostingLabError(
            f"The load generator's process has died: {lines[-1] if lines else 'it says nothing'}. "
            "Start the load again."
        )


def _generate() -> None:
    """Be the process: put the load of the first line on, follow each further line, and end with the
    last.
    """
    given = json.loads(sys.stdin.readline())
    url, level, seed = given["url"], given["level"], given["seed"]
    closed = given["kind"] == "closed"
    # whoever started this process has asked already whether money may be spent
    load = (
        ClosedLoad(url, users=round(level), spend=True)
        if closed
        else OpenLoad(url, rate_per_s=level, seed=seed, spend=True)
    )

    def follow() -> None:
        for line in sys.stdin:
            told = json.loads(line)
            load.url = told.get("url", load.url)
            if closed:
                load.users = round(told.get("level", load.users))
            else:
                load.rate_per_s = told.get("level", load.rate_per_s)
        load.end()

    load.start()
    _tell(load, 0)
    threading.Thread(target=follow, daemon=True).start()
    told = 0
    while load.running:
        time.sleep(TELL_S)
        told = _tell(load, told)
    _tell(load, told)


def _tell(load: ClosedLoad | OpenLoad, told: int) -> int:
    new = load.samples[told:]
    samples = [[one.due_s, one.late_ms, one.latency_ms, one.status] for one in new]
    print(json.dumps({"samples": samples, "cpu_s": load.cpu_s}), flush=True)
    return told + len(new)


if __name__ == "__main__":
    _generate()
