"""A load whose generator is a process of its own, so that other work of this process is not
measured.

It is the same generator as elsewhere (generator.py). Both directions carry lines of JSON: the load
and each change of it go in, and the samples come out a few times a second. The process ends with
the one that started it, even if that is killed.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Literal, Self

from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad, Load, OpenLoad, Sample
from hostlab.methods.api.spending import check_spending
from hostlab.runtime.paths import python_module, python_path
from hostlab.runtime.spawning import detached

LoadKind = Literal["closed", "open"]
REPORT_EVERY_S = 0.2
LAST_REPORT_TIMEOUT_S = 20.0  # longer than the timeout of a request


class IsolatedLoad:
    """A load in a process of its own: use it as a context manager, or start() and stop().

    `level` is the number of users of a closed loop, or the requests a second of an open one
    (Poisson). `samples` grows in the order in which responses arrive, and `sent` is how many
    requests had begun by then. `cpu_s` is known after stop().
    """

    def __init__(
        self, url: str, kind: LoadKind, level: float, seed: int = 0, spend: bool = False
    ) -> None:
        self.url, self.kind, self.level, self.seed, self.spend = url, kind, level, seed, spend
        self.samples: list[Sample] = []
        self.sent, self.cpu_s = 0, 0.0

    def start(self) -> Self:
        """Begin, and return when the first request can be sent.

        Raises BadInput where each request costs money, unless `spend` is true.
        """
        check_spending(self.url, None, self.spend)
        self._process = subprocess.Popen(
            python_module("hostlab.measure.load.isolated"),
            env=os.environ | {"PYTHONPATH": python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **detached(),
        )
        self._send({"url": self.url, "kind": self.kind, "level": self.level, "seed": self.seed})
        if not _pipe(self._process.stdout).readline():
            raise self._failure()
        self._began = time.perf_counter()
        self._reader = threading.Thread(target=self._read, name="isolated load", daemon=True)
        self._reader.start()
        return self

    def change(self, level: float) -> None:
        """Continue with this many users, or requests a second.

        Raises HostingLabError where the generator has died.
        """
        if level != self.level:
            self.level = level
            self._send({"level": level})

    def redirect(self, url: str) -> None:
        """Continue at another address, because a restarted service may have another port.

        Raises HostingLabError where the generator has died.
        """
        if url != self.url:
            self.url = url
            self._send({"url": url})

    def stop(self) -> list[Sample]:
        """Send no more requests, wait for those in flight, and return the samples.

        Raises HostingLabError where the generator has died.
        """
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        self._reader.join(LAST_REPORT_TIMEOUT_S)
        if self._process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        failure = self._failure() if self._process.poll() != 0 else None
        self._process.kill()  # does nothing to a process that has ended
        self._process.wait()
        _pipe(self._process.stdout).close()
        _pipe(self._process.stderr).close()
        if failure:
            raise failure
        return self.samples

    @property
    def elapsed_s(self) -> float:
        """Seconds since the load began, as in `due_s` of the samples."""
        return time.perf_counter() - self._began

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(json.dumps(message) + "\n")
            stdin.flush()
        except OSError as error:
            raise self._failure() from error

    def _read(self) -> None:
        for line in _pipe(self._process.stdout):
            message = json.loads(line)
            self.samples += [Sample(*fields) for fields in message["samples"]]
            self.sent, self.cpu_s = message["sent"], message["cpu_s"]

    def _failure(self) -> HostingLabError:
        self._process.kill()
        lines = _pipe(self._process.stderr).read().strip().splitlines()
        reason = lines[-1] if lines else "it gave no reason"
        return HostingLabError(
            f"The load generator's process has died: {reason}. Start the load again."
        )


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None  # because all three are pipes
    return stream


def _generate() -> None:
    """Run in the process: put on the load of the first line, and follow each further line."""
    first = json.loads(sys.stdin.readline())
    load, set_level = _load(first["kind"], first["url"], first["level"], first["seed"])

    def follow() -> None:
        for line in sys.stdin:
            message = json.loads(line)
            load.url = message.get("url", load.url)
            if "level" in message:
                set_level(message["level"])
        load.end()

    load.start()
    reported = _report(load, 0)
    threading.Thread(target=follow, daemon=True).start()
    while load.running:
        time.sleep(REPORT_EVERY_S)
        reported = _report(load, reported)
    _report(load, reported)


def _load(
    kind: LoadKind, url: str, level: float, seed: int
) -> tuple[Load, Callable[[float], None]]:
    """Return the load, and a function that changes its level.

    The process that started this one has already checked whether it may cost money.
    """
    if kind == "closed":
        closed = ClosedLoad(url, users=round(level), spend=True)
        return closed, lambda users: setattr(closed, "users", round(users))
    open_load = OpenLoad(url, rate_per_s=level, seed=seed, spend=True)
    return open_load, lambda rate: setattr(open_load, "rate_per_s", rate)


def _report(load: Load, reported: int) -> int:
    """Write the samples after the first `reported` ones, and return how many there are now."""
    # The samples first, so that they are never more than were sent
    new, sent = load.samples[reported:], load.sent
    samples = [[one.due_s, one.late_ms, one.latency_ms, one.status] for one in new]
    message = {"samples": samples, "sent": sent, "cpu_s": load.cpu_s}
    print(json.dumps(message), flush=True)
    return reported + len(new)


if __name__ == "__main__":
    _generate()
