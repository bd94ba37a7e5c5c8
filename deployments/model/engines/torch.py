"""The engine `torch`: the network as transformers loads it, on the CPU or a GPU."""

import os

import torch

from deployments.model.engines.types import Inputs, Logits
from deployments.model.errors import ModelUnusable, first_line


class TorchEngine:
    """A network of transformers. On the CPU, each call runs on one core, the core of its caller.

    `device` is a device of torch; by default, MODEL_DEVICE from the environment, or else the CPU.
    """

    def __init__(self, network: torch.nn.Module, device: str | None = None) -> None:
        chosen = device or os.environ.get("MODEL_DEVICE") or "cpu"
        try:
            self._device = torch.device(chosen)
            torch.zeros(1, device=self._device).cpu()  # "meta" is a device that computes nothing
            self._network = network.to(self._device)
        except (RuntimeError, AssertionError) as error:  # torch raises both for a missing device
            raise ModelUnusable(
                f"MODEL_DEVICE is {chosen!r}, which torch cannot use here: "
                f"{first_line(error)}. Set it to cpu, or to cuda on a computer "
                "with an NVIDIA GPU and a torch that supports it."
            ) from error

    @torch.inference_mode()
    def run(self, inputs: Inputs) -> Logits:
        """Return the logits of a batch."""
        torch.set_num_threads(1)  # of the calling thread: the others run other batches
        tensors = {
            name: torch.from_numpy(values).to(self._device) for name, values in inputs.items()
        }
        logits: torch.Tensor = self._network(**tensors).logits
        return logits.float().cpu().numpy()
