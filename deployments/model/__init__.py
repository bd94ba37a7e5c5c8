"""The model that all methods host."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployments.model.classifier import Classifier

SHIPPED = Path(__file__).parent / "weights"


def default_threads() -> int:
    """Return how many cores the model uses where nobody says otherwise: all, at most 4."""
    return min(4, os.cpu_count() or 1)


def load_classifier(model_id: str | None = None, threads: int | None = None) -> "Classifier":
    """Load a classifier: `model_id` is a folder or a Hub id; else MODEL_ID from the environment, else the shipped model.

    `threads` is how many cores it uses; else MODEL_THREADS; else default_threads(). (Where something limits a
    container to fewer cores, say so: a thread that waits for its turn holds up all the others.)
    Raises ModelUnusable where there is no such model or it cannot classify text.
    """
    from deployments.model.classifier import (
        load,
    )  # torch takes seconds to import; a service listens before that

    return load(model_id, threads)
