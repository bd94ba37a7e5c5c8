"""What runs the network. One small interface, and a module for each engine.

| MODEL_ENGINE    | what runs                                    | needs                       |
| --------------- | -------------------------------------------- | --------------------------- |
| `onnx`          | ONNX Runtime on the export, in fp32          | onnxruntime                 |
| `onnx-int8`     | the same in int8, where that loses little    | onnxruntime                 |
| `openvino`      | OpenVINO on the export, in fp32              | the extra `openvino`        |
| `openvino-bf16` | the same in bfloat16                         | a processor that computes it |
| `torch`         | the transformers model itself                | torch and transformers      |

`auto`, the default, is `onnx` if the export agrees with torch, and `torch` otherwise.
"""

from pathlib import Path

from deployments.model.engines.types import Engine, EngineName
from deployments.model.errors import ModelUnusable


def open_export(name: EngineName, folder: Path, threads: int) -> Engine:
    """Return the engine `name` for the export in `folder`.

    Args:
        name: Any engine but `torch`, which needs no export.
        folder: A folder that deployments.model.export has written.
        threads: The number of batches that run at the same time, each on one core.

    Raises:
        ModelUnusable: The engine is not installed, or this processor cannot run it.
    """
    if name == "torch":
        raise ValueError("the engine torch runs no export")
    # Imported here because each process needs only one of them
    try:
        if name in ("openvino", "openvino-bf16"):
            from deployments.model.engines.openvino import OpenVinoEngine

            return OpenVinoEngine(folder, threads, half=name == "openvino-bf16")
        from deployments.model.engines.onnx import OnnxEngine

        return OnnxEngine(folder)
    except ImportError as error:
        raise ModelUnusable(
            f"The engine {name} (MODEL_ENGINE) is not installed: {error}. Install it with `pip "
            f"install '.[openvino]'`, or unset MODEL_ENGINE."
            if name.startswith("openvino")
            else f"The engine {name} (MODEL_ENGINE) cannot start: {error}. There may be no "
            "onnxruntime for this computer; MODEL_ENGINE=torch runs without it."
        ) from error
