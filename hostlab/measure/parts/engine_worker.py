"""One engine in a process of its own: how fast it is, how much memory it takes, what it predicts.

engines.py runs this file by its path. As a module of hostlab it would import that package, too,
whose time and memory would count as the engine's. A job comes in on standard input. On standard
output, there is a line of JSON once the first text is labeled, and another one with the figures.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from deployments.model.classifier import Classifier
from deployments.model.errors import ModelUnusable
from deployments.model.loading import load_classifier

BATCH = 16
WARM_UP = 20  # texts that do not count


def main() -> None:
    """Do the job on standard input."""
    job = json.load(sys.stdin)
    texts = job["texts"]
    try:
        classifier = load_classifier(job["model"], engine=job["engine"])
        classifier.predict(texts[:1])
    except ModelUnusable as error:
        _send({"error": str(error)})
        return
    _send({"threads": classifier.threads})
    p50_ms = _p50_ms(classifier, texts, job["requests"])
    per_s = _per_s(classifier, texts, job["seconds"])
    labels = [label for batch in _batches(texts) for label, _ in classifier.predict(batch)]
    _send({"p50_ms": p50_ms, "per_s": per_s, "peak_mb": peak_mb(), "labels": labels})


def _send(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _p50_ms(classifier: Classifier, texts: list[str], requests: int) -> float:
    """Return the median time of one text, one after the other."""
    times = []
    for number in range(WARM_UP + requests):
        began = time.perf_counter()
        classifier.predict([texts[number % len(texts)]])
        times.append((time.perf_counter() - began) * 1000)
    return median(times[WARM_UP:])


def _per_s(classifier: Classifier, texts: list[str], seconds: float) -> float:
    """Return the texts per second in full batches, as many at a time as a service runs."""
    full = [batch for batch in _batches(texts) if len(batch) == BATCH]

    def label_until(end: float) -> int:
        done = 0
        while time.perf_counter() < end:
            classifier.predict(full[done % len(full)])
            done += 1
        return done * BATCH

    with ThreadPoolExecutor(classifier.threads) as pool:
        list(pool.map(label_until, [time.perf_counter() + seconds / 4] * classifier.threads))
        began = time.perf_counter()
        counts = pool.map(label_until, [began + seconds] * classifier.threads)
        return sum(counts) / (time.perf_counter() - began)


def _batches(texts: list[str]) -> list[list[str]]:
    return [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]


def peak_mb() -> float:
    """Return the largest resident memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage() counts the process that started this one, too
        lines = status.read_text(encoding="utf-8").splitlines()
        [kibibytes] = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(kibibytes) * 1024 / 1e6
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS


if __name__ == "__main__":
    main()
