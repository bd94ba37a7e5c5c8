"""The model that all methods host."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .classifier import Classifier

SHIPPED = Path(__file__).parent / "weights"


def load_classifier(model_id: str | None = None, threads: int | None = None) -> "Classifier":
    """Load a classifier: `model_id` is a folder or a Hub id; else MODEL_ID from the environment, else the shipped model.

    `threads` is how many cores one batch uses; else MODEL_THREADS; else all cores but one, from 1 to 4: the HTTP server
    needs one, and a thread that waits for a busy core holds up all the others.
    Raises ModelUnusable where there is no such model or it cannot classify text.
    """
    from .classifier import load  # torch takes seconds to import; a service listens before that

    return load(model_id, threads)
