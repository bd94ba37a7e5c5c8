"""Which engine runs the model: the setting MODEL_ENGINE, and what each method can do with it.

The command line sets it in its own environment, as a user would with `export`. Processes keep the
engine that they were started with, also when they are restarted from another terminal.
"""

import importlib.util
import os
from collections.abc import Collection

from hostlab.errors import BadInput
from hostlab.runtime import state
from hostlab.runtime.readiness import engine_at
from hostlab.types import RunInfo

SETTING = "MODEL_ENGINE"
AUTO = "auto"
# deployments.model.engines has the same names, but it imports numpy, which takes a moment.
ENGINES = (AUTO, "onnx", "onnx-int8", "openvino", "openvino-bf16", "torch")
_PACKAGES = {
    "onnx": "onnxruntime",
    "onnx-int8": "onnxruntime",
    "openvino": "openvino",
    "openvino-bf16": "openvino",
    "torch": "torch",
}
IN_IMAGES = frozenset({AUTO, "onnx"})


def chosen() -> str:
    """Return the engine that MODEL_ENGINE names; "auto" if it is not set.

    Raises BadInput if there is no such engine.
    """
    name = os.environ.get(SETTING) or AUTO
    if name not in ENGINES:
        raise BadInput(f"There is no engine {name!r}. The engines are: {', '.join(ENGINES)}.")
    return name


def is_installed(engine: str) -> bool:
    """Return whether the package of an engine is installed. The processor may still lack it."""
    return importlib.util.find_spec(_PACKAGES[engine]) is not None


def require_engine(method: str, available: Collection[str]) -> None:
    """Raise BadInput if MODEL_ENGINE names an engine that `method` does not have."""
    engine = chosen()
    if engine not in available:
        raise BadInput(
            f"{method} cannot run the engine {engine}: its image holds the exported model and ONNX "
            f"Runtime, and no other engine. Use `--engine onnx`, or unset {SETTING}. in-process "
            "and separate-process run every engine that is installed here."
        )


def engine_of(method: str, found: RunInfo) -> str | None:
    """Return what runs the model of a running method, or None if that is not known.

    A run that this user started has it in its state file. Others, such as containers that somebody
    started by hand, are asked.
    """
    if found.state != "running" or not found.url:
        return None
    record = state.read(method)
    if record and record.run_id == found.run_id:
        return record.engine
    return engine_at(found.url)
