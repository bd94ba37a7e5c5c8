"""The engines `openvino` and `openvino-bf16`: Intel's runtime, on processors of all makers."""

import threading
from pathlib import Path

import openvino

from deployments.model.engines.types import Inputs, Logits
from deployments.model.errors import ModelUnusable
from deployments.model.export_files import NETWORK


class OpenVinoEngine:
    """A network in ONNX format, compiled for this processor. Each call runs on one core."""

    def __init__(self, folder: Path, threads: int, half: bool) -> None:
        core = openvino.Core()
        if half and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise ModelUnusable(
                "The engine openvino-bf16 (MODEL_ENGINE) needs a processor that computes in "
                "bfloat16, and this one does not. Use openvino, or unset MODEL_ENGINE."
            )
        self._network = core.compile_model(
            core.read_model(folder / NETWORK),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
                # A stream is a batch that runs beside the others
                "NUM_STREAMS": str(threads),
                "INFERENCE_NUM_THREADS": str(threads),
            },
        )
        self._local = threading.local()  # a request holds the buffers of one batch

    def run(self, inputs: Inputs) -> Logits:
        """Return the logits of a batch."""
        if not hasattr(self._local, "request"):
            self._local.request = self._network.create_infer_request()
        logits: Logits = self._local.request.infer(inputs)[0].copy()
        return logits
