"""Write the network of a model in ONNX format, and compare it with torch."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from deployments.model.classifier import Encoding, batch
from deployments.model.encoders import SAMPLES
from deployments.model.engines.onnx import OnnxEngine
from deployments.model.engines.torch import TorchEngine
from deployments.model.errors import first_line
from deployments.model.export_files import DESCRIPTION, NETWORK, NOT_EXPORTABLE, TOKENIZER
from deployments.model.probing import agree
from deployments.model.source import ModelSource
from deployments.model.transformers_model import TransformersModel, load


class _Disagrees(Exception):
    """The exported network gives other results than torch."""


def write_export(source: ModelSource, folder: Path) -> None:
    """Load a model and write its export to a new folder.

    If the model runs with torch only, the folder gets NOT_EXPORTABLE instead of a network.

    Raises:
        ModelUnusable: The model cannot be loaded or cannot classify a text.
    """
    model = load(source)
    folder.mkdir(parents=True)
    try:
        if model.tokenizer is None:
            raise _Disagrees("its tokenizer is not a fast one")
        _write_network(model, folder / NETWORK)
        _compare(model, folder)
    except (OSError, MemoryError):  # says nothing about the model, so it must not be remembered
        raise
    except Exception as error:  # torch's exporter raises many types of them
        (folder / NETWORK).unlink(missing_ok=True)
        reason = _reason(model, error)
        (folder / NOT_EXPORTABLE).write_text(json.dumps(reason), encoding="utf-8")
        return
    model.tokenizer.save(str(folder / TOKENIZER))
    model.description.write(folder / DESCRIPTION)


def _reason(model: TransformersModel, error: Exception) -> str:
    """Return why a model cannot be exported, to go into a sentence."""
    if isinstance(error, _Disagrees):
        return str(error)
    cause: BaseException = error
    while cause.__cause__:  # the exporter's own message says only in which step it was
        cause = cause.__cause__
    return f"torch cannot export {type(model.network).__name__} to ONNX ({first_line(cause)})"


class _LogitsOnly(torch.nn.Module):
    """The logits of a network, from positional tensors."""

    def __init__(self, network: torch.nn.Module, inputs: Sequence[str]) -> None:
        super().__init__()
        self.network, self.inputs = network, inputs

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        named = dict(zip(self.inputs, tensors, strict=True))
        logits: torch.Tensor = self.network(**named).logits
        return logits


def _write_network(model: TransformersModel, path: Path) -> None:
    described = model.description
    texts = [one for one in model.encoder(list(SAMPLES)) if len(one)]
    one_by_one = described.padding == "none"
    example = batch(described, texts[:1] if one_by_one else texts[:3])
    dynamic = torch.export.Dim.DYNAMIC
    shape = {1: dynamic} if one_by_one else {0: dynamic, 1: dynamic}
    export: Any = torch.onnx.export  # its types miss what it accepts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about packages that it could also support
        program = export(
            _LogitsOnly(model.network, described.inputs),
            tuple(torch.from_numpy(example[name]) for name in described.inputs),
            dynamo=True,
            verbose=False,
            input_names=described.inputs,
            output_names=["logits"],
            dynamic_shapes=(tuple(shape for _ in described.inputs),),
        )
    program.save(str(path))


def _compare(model: TransformersModel, folder: Path) -> None:
    """Raise _Disagrees unless the export gives the results of torch, in batches of many shapes."""
    described = model.description
    exported, reference = OnnxEngine(folder), TorchEngine(model.network, device="cpu")
    for encodings in _batches(model):
        inputs = batch(described, encodings)
        if not agree(exported.run(inputs), reference.run(inputs)):
            shape = inputs["input_ids"].shape
            raise _Disagrees(f"its export differs from torch for {shape[0]} x {shape[1]} tokens")


def _batches(model: TransformersModel) -> list[list[Encoding]]:
    texts = [one for one in model.encoder(list(SAMPLES)) if len(one)]
    [longest] = model.encoder([f"{SAMPLES[2]} " * 100])  # cut to what the network can read
    alone = [[one] for one in (*texts, longest)]
    if model.description.padding == "none":
        return alone
    return [*alone, texts[:2], texts, [*texts, longest], [longest] * 2]
