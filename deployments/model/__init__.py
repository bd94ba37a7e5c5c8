"""The model that all methods host."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployments.model.classifier import Classifier

SHIPPED = Path(__file__).parent / "weights"


def default_threads() -> int:
    """Return the number of cores that the model uses by default: all, but at most 4."""
    return min(4, os.cpu_count() or 1)


def load_classifier(model_id: str | None = None, threads: int | None = None) -> "Classifier":
    """Load a text classifier.

    Args:
        model_id: A folder or an ID on the Hugging Face Hub. By default, MODEL_ID from the
            environment, or else the shipped model.
        threads: The number of cores to use. By default, MODEL_THREADS from the environment, or else
            default_threads(). If a container is limited to fewer cores, set their number: a thread
            that waits for a core delays all the others.

    Raises:
        ModelUnusable: There is no such model, or it cannot classify text.
    """
    # Imported here because torch takes seconds to import, and a service listens before that
    from deployments.model.classifier import load

    return load(model_id, threads)
