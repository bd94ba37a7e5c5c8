"""What a classifier must know about its network, apart from the weights."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

Padding = Literal["right", "left", "none"]
Activation = Literal["softmax", "sigmoid", "identity"]


@dataclass(frozen=True)
class Description:
    """Everything about a model that its network does not say itself.

    Attributes:
        name: The name of the model, as /health reports it.
        labels: All labels, in the order of the network's outputs. Two may be the same.
        activation: What turns a logit into a score, as in the transformers pipeline: exclusive
            labels share a softmax, independent ones get a sigmoid each, and the output of a
            regression stays as it is.
        max_tokens: The number of tokens that the network can read. Longer texts are cut.
        inputs: The network's inputs: some of input_ids, attention_mask, and token_type_ids.
        padding: On which side shorter texts are padded in a batch; "none" if padding would change
            the scores, so that the network reads one text at a time.
        pad_id: The token ID for padding.
        pad_type_id: The token type for padding.
    """

    name: str
    labels: list[str]
    activation: Activation
    max_tokens: int
    inputs: list[str]
    padding: Padding
    pad_id: int
    pad_type_id: int

    def write(self, path: Path) -> None:
        """Write the description as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a description that `write` has written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))
