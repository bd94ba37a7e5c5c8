"""The labels of a model, and what turns its outputs into their scores."""

import json
from typing import Any

from deployments.model.description import Activation
from deployments.model.errors import ModelUnusable
from deployments.model.source import ModelSource


def require_numbered_labels(source: ModelSource) -> None:
    """Refuse an `id2label` that transformers cannot read, or would read in part."""
    path = source.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    named = config.get("id2label")
    if named is None:
        return  # transformers calls them LABEL_0, LABEL_1, and so on
    advice = 'Write it like {"0": "NEGATIVE", "1": "POSITIVE"}.'
    if not isinstance(named, dict):
        raise ModelUnusable(
            f"`id2label` in config.json of {source.name} is not a JSON object. {advice}"
        )
    numbers = sorted(int(key) for key in named if key.isdecimal())
    if numbers != list(range(len(named))):
        raise ModelUnusable(
            f"{source.name} numbers its labels {', '.join(sorted(named))}. Number them from 0 to "
            f"{len(named) - 1} in `id2label` of its config.json. {advice}"
        )
    for number, label in named.items():
        if not _is_text(label):
            raise ModelUnusable(
                f"Label {number} of {source.name} is {label!a}, which is not text. Name it in "
                f"`id2label` of its config.json. {advice}"
            )


def _is_text(label: Any) -> bool:
    """Return whether a service can return the label; a number becomes text."""
    if isinstance(label, str):
        return not any("\ud800" <= character <= "\udfff" for character in label)
    return isinstance(label, int | float)


def labels(network: Any) -> list[str]:
    """Return the labels in the order of the network's outputs."""
    config = network.config
    return [str(config.id2label[index]) for index in range(config.num_labels)]


def activation(network: Any) -> Activation:
    """Return what the transformers pipeline applies to the logits."""
    if network.config.problem_type == "regression":
        return "identity"
    independent = network.config.problem_type == "multi_label_classification"
    return "sigmoid" if independent or network.config.num_labels == 1 else "softmax"
