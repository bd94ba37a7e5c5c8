"""The lecture's way to run the model: the pipeline of transformers, called with one text after the
other. engines.py runs this file in a process of its own, and reads a line of JSON for the first
text and another one for the figures.
"""

import json
import sys
import time
from statistics import median

from transformers import pipeline

from hostlab.measure.parts.engine_worker import peak_mb

WARM_UP = 20  # texts that do not count


def main() -> None:
    """Measure the model in the folder that is the first argument, with the texts on the input."""
    texts: list[str] = json.load(sys.stdin)
    classify = pipeline("text-classification", model=sys.argv[1], device="cpu")
    classify(texts[:1])
    print(json.dumps({}), flush=True)
    times_ms, predictions = [], []
    for text in texts:
        began = time.perf_counter()
        [prediction] = classify(text)
        predictions.append((prediction["label"], prediction["score"]))
        times_ms.append((time.perf_counter() - began) * 1000)
    counted = times_ms[WARM_UP:]
    figures = {
        "p50_ms": median(counted),
        "per_s": len(counted) / sum(counted) * 1000,
        "peak_mb": peak_mb(),
        "predictions": predictions,
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
