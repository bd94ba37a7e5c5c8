"""Make an int8 export from an export: smaller and faster, but not quite as precise.

The weights of the linear layers become 8-bit integers, with a scale for each output. ONNX Runtime
also multiplies in integers; it finds the range of the inputs while it runs (dynamic quantization:
https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). The rest stays in
fp32. The range is that of a whole batch, so a text's score depends a little on the other texts.

The weights have a range of 7 bits, not 8. Without it, processors that lack VNNI saturate when they
add two products of 8-bit numbers, and give other results than those that have it.

Some layers lose more than others. The file int8.json of a model names those that stay in fp32, and
what was measured then; `python -m benchmarks.int8` writes it.
"""

import ast
import fnmatch
import logging
import shutil
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from deployments.model.errors import ModelUnusable
from deployments.model.export_files import DESCRIPTION, INT8, NETWORK, TOKENIZER
from deployments.model.int8_settings import Int8Settings

# What the exporter writes for each node: the modules that contain it, as a Python list
_SCOPES = "pkg.torch.onnx.name_scopes"


def write_int8(export: Path, settings: Int8Settings, folder: Path) -> None:
    """Write the int8 version of an export to a new folder.

    Raises:
        ModelUnusable: No layer can be quantized.
    """
    layers = linear_layers(export / NETWORK)
    quantized = [
        node
        for node, module in layers.items()
        if not any(fnmatch.fnmatch(module, pattern) for pattern in settings.fp32)
    ]
    if not quantized:
        raise ModelUnusable(
            "The engine onnx-int8 (MODEL_ENGINE) finds no linear layer in the network that it may "
            f"quantize; it stays in fp32: {', '.join(settings.fp32) or 'nothing'}. Use onnx."
        )
    folder.mkdir(parents=True)
    logging.disable(logging.WARNING)  # advice about steps that change nothing for these networks
    try:
        quantize_dynamic(
            export / NETWORK,
            folder / NETWORK,
            nodes_to_quantize=quantized,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
    finally:
        logging.disable(logging.NOTSET)
    for name in (TOKENIZER, DESCRIPTION):
        shutil.copyfile(export / name, folder / name)
    settings.write(folder / INT8)


def linear_layers(network: Path) -> dict[str, str]:
    """Return the module of each matrix product with a weight, by the name of its node."""
    graph = onnx.load(str(network)).graph
    weights = {one.name for one in graph.initializer}
    found: dict[str, str] = {}
    for node in graph.node:
        if node.op_type == "MatMul" and not weights.isdisjoint(node.input):
            known = {one.key: one.value for one in node.metadata_props}
            scopes = ast.literal_eval(known.get(_SCOPES, "[]"))
            found[node.name] = scopes[-2] if len(scopes) > 1 else ""  # the last is the product
    return found
