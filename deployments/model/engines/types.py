"""The interface of an engine, and the names of all engines."""

from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

EngineName = Literal["onnx", "onnx-int8", "openvino", "openvino-bf16", "torch"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)

Inputs = dict[str, NDArray[np.int64]]  # by name, each of shape (texts, tokens)
Logits = NDArray[np.float32]  # of shape (texts, labels)


class Engine(Protocol):
    """Runs a network. Several threads may call it at the same time."""

    def run(self, inputs: Inputs) -> Logits:
        """Return the logits of a batch."""
