"""Load a model with transformers, and refuse what it would accept although files are damaged."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from deployments.model.errors import ModelUnusable, first_line
from deployments.model.labels import require_numbered_labels
from deployments.model.source import ModelSource

_JSON_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_NAMED_AT_MOST = 3  # tensors in one message


def from_pretrained(source: ModelSource) -> tuple[Any, Any]:
    """Return the network and the tokenizer of a model. Raises ModelUnusable."""
    _require_json(source)
    require_numbered_labels(source)
    hide_output: Any = transformers.utils.logging  # its functions have no types
    hide_output.set_verbosity_error()
    hide_output.disable_progress_bar()
    # Without a value for trust_remote_code, transformers asks the terminal and waits
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(source.folder, **local)
        tokenizer = AutoTokenizer.from_pretrained(source.folder, **local)
        network, loaded = AutoModelForSequenceClassification.from_pretrained(
            source.folder,
            config=config,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # _require_weights says more about them
            **local,
        )
    except Exception as error:  # transformers raises many types of them
        raise ModelUnusable(
            f"{source.name} (MODEL_ID) contains no usable text-classification model: "
            f"{first_line(error)}. It needs config.json, model.safetensors, and a tokenizer."
        ) from error
    _require_weights(network, loaded, source)
    config.get_text_config().use_cache = False  # as in the pipeline: a cache is for generated text
    return network.eval(), tokenizer


def _require_json(source: ModelSource) -> None:
    """Refuse damaged JSON files, because transformers does not always say which one it is."""
    for path in (source.folder / name for name in _JSON_FILES):
        if path.exists() and not isinstance(_read_json(path, source), dict):
            raise ModelUnusable(
                f"{path.name} of {source.name} is not a JSON object. Download the file again."
            )


def _read_json(path: Path, source: ModelSource) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelUnusable(
            f"{path.name} of {source.name} cannot be read as JSON: {first_line(error)}. Download "
            "the file again."
        ) from error


def _require_weights(network: Any, loaded: dict[str, Any], source: ModelSource) -> None:
    """Refuse weights that transformers would replace with random ones, or that are no numbers."""
    if missing := loaded["missing_keys"]:
        raise ModelUnusable(
            f"{source.name} is not a model that classifies text: it has no {_names(missing)}."
        )
    for name, found, expected in sorted(loaded["mismatched_keys"]):
        raise ModelUnusable(
            f"The weights of {source.name} do not fit its config.json: {name} has the shape "
            f"{tuple(found)} instead of {tuple(expected)}. If that is the number of labels, "
            "correct `id2label`; otherwise, download both files again."
        )
    damaged = [name for name, one in network.named_parameters() if not one.isfinite().all()]
    if damaged:
        raise ModelUnusable(
            f"The weights of {source.name} are damaged: {_names(damaged)} has values that are not "
            "finite numbers. Download or train the model again."
        )


def _names(tensors: set[str] | list[str]) -> str:
    first, others = sorted(tensors)[:_NAMED_AT_MOST], len(tensors) - _NAMED_AT_MOST
    return ", ".join(first) + (f" and {others} others" if others > 0 else "")
