"""What the batching needs of a model. deployments/model/classifier.py is one."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

Result_co = TypeVar("Result_co", covariant=True)


class BatchClassifier(Protocol[Result_co]):
    """A model that classifies several texts at once."""

    name: str
    engine_note: str | None  # see Classifier
    threads: int  # the number of batches that may run at the same time

    @property
    def engine(self) -> str:
        """What runs the network."""

    def encode(self, texts: list[str]) -> Sequence[Any]:
        """Return the tokens of each text; `len` of one is their number."""

    def classify(self, encodings: Sequence[Any]) -> Sequence[Result_co]:
        """Return the result for each text; BatchedModel.predict needs (label, score)."""
