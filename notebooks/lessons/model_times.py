"""How long the model takes for texts on this machine, measured in the notebook, without a service.

Lesson 04 simulates a cluster with these times, also where there is no cluster.
"""

import time
from statistics import median

from deployments.model.loading import load_classifier
from hostlab.measure.load.texts import TEXTS
from hostlab.measure.simulation import BATCH_SIZES, ServiceTimes

SINGLES, OF_EACH, WARM_UP = 60, 5, 5
INTERRUPTED = 2.0  # times the median: longer than that is another program's turn
HOP_MS = 3.0  # from the client to the API's pod, to the model's pod, and back, within a data center


def measure_model_times() -> ServiceTimes:
    """Return the times of single texts, and of batches; the hop is assumed. Takes a second."""
    classifier = load_classifier()

    def took_ms(size: int) -> float:
        texts = [TEXTS[number % len(TEXTS)] for number in range(size)]
        began = time.perf_counter()
        classifier.classify(classifier.encode(texts))
        return (time.perf_counter() - began) * 1000

    for _ in range(WARM_UP):
        took_ms(1)
    singles_ms = [took_ms(1) for _ in range(SINGLES)]
    # What else this machine does makes a text slower, never faster. On the simulated nodes, a pod
    # has its core for itself, so the fastest of some count, and interruptions don't.
    batch_ms = {size: min(took_ms(size) for _ in range(OF_EACH)) for size in BATCH_SIZES}
    longest_ms = INTERRUPTED * median(singles_ms)
    return ServiceTimes([one for one in singles_ms if one < longest_ms], [HOP_MS], batch_ms)
