"""Load a text classifier and label texts with it: the one object that all services use."""

import os
from pathlib import Path

# How torch's threads wait for their next piece of work, set before torch is imported. Those that spin steal the core from the HTTP
# server; those that sleep at once wake up too late for a short text: where OpenMP is GNU's, they spin for some microseconds.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as transformers_logging

from deployments.model import SHIPPED, default_threads
from deployments.model.errors import ModelUnusable
from deployments.model.traced import traced

SHIPPED_NAME = "hosting-lab-sentiment"

Encoding = list[int]  # the token ids of one text


class Classifier:
    """A sequence classifier with its tokenizer. Several threads may classify at once, while one encodes."""

    def __init__(self, name: str, tokenizer, network, threads: int) -> None:
        self.name, self._tokenizer = name, tokenizer
        self._logits = traced(network, tokenizer("a")["input_ids"][0])
        self.labels: list[str] = [
            network.config.id2label[index] for index in range(network.config.num_labels)
        ]
        self.max_tokens: int = min(
            tokenizer.model_max_length,
            getattr(network.config, "max_position_embeddings", None) or 512,
        )
        self.threads = threads
        # as the transformers pipeline decides it: independent labels get a sigmoid each, exclusive ones share a softmax
        exclusive = (
            len(self.labels) > 1 and network.config.problem_type != "multi_label_classification"
        )
        self._activation = (lambda logits: logits.softmax(dim=1)) if exclusive else torch.sigmoid

    def encode(self, texts: list[str]) -> list[Encoding]:
        """Return the token ids of each text, cut to `max_tokens`."""
        return self._tokenizer(texts, truncation=True, max_length=self.max_tokens)["input_ids"]

    def classify(
        self, encodings: list[Encoding], threads: int | None = None
    ) -> list[tuple[str, float]]:
        """Return (label, score from 0 to 1) for each encoded text, all run as one batch padded to the longest, on `threads` cores or all it may use."""
        return [
            max(one.items(), key=lambda item: item[1])
            for one in self.probabilities(encodings, threads)
        ]

    @torch.inference_mode()
    def probabilities(
        self, encodings: list[Encoding], threads: int | None = None
    ) -> list[dict[str, float]]:
        """Return the probability of every label for each encoded text, as `classify` does."""
        torch.set_num_threads(threads or self.threads)  # holds for the calling thread's work
        inputs = self._tokenizer.pad({"input_ids": encodings}, return_tensors="pt")
        logits = self._logits(inputs["input_ids"], inputs["attention_mask"])
        return [
            dict(zip(self.labels, row, strict=True))
            for row in self._activation(logits.float()).tolist()
        ]

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return (label, score) for each text."""
        return self.classify(self.encode(texts))


def load(model_id: str | None, threads: int | None) -> Classifier:
    """See deployments.model.load_classifier, which is this without the wait for torch until it is called."""
    chosen = model_id or os.environ.get("MODEL_ID") or str(SHIPPED)
    threads = threads or _threads()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    is_folder = Path(chosen).is_dir()
    try:
        config = AutoConfig.from_pretrained(chosen, local_files_only=is_folder)
        tokenizer = AutoTokenizer.from_pretrained(chosen, local_files_only=is_folder)
        network, loaded = AutoModelForSequenceClassification.from_pretrained(
            chosen,
            config=config,
            dtype=torch.float32,
            local_files_only=is_folder,
            output_loading_info=True,
        )
    except (
        Exception
    ) as error:  # transformers and the Hub's client raise many kinds, and all mean the same here
        raise ModelUnusable(_advice(chosen, is_folder, error)) from error
    if loaded["missing_keys"]:  # transformers would answer with random weights
        raise ModelUnusable(
            f"{chosen} is a model, but not one that classifies text: it has no {', '.join(sorted(loaded['missing_keys']))}."
        )
    name = SHIPPED_NAME if Path(chosen).resolve() == SHIPPED else chosen
    return Classifier(name, tokenizer, network.eval(), threads)


def _threads() -> int:
    given = os.environ.get("MODEL_THREADS", "")
    if given and (not given.isdigit() or int(given) < 1):
        raise ModelUnusable(
            f"MODEL_THREADS is {given!r}. It has to be a whole number from 1; unset it for all cores, at most 4."
        )
    return int(given) if given else default_threads()


def _advice(chosen: str, is_folder: bool, error: Exception) -> str:
    reason = str(error).strip().split("\n")[0].rstrip(".")
    if is_folder:
        return f"The folder {chosen} (MODEL_ID) holds no usable text-classification model: {reason}. It needs config.json, model.safetensors and a tokenizer."
    return (
        f"MODEL_ID is {chosen!r}: no such folder, and no such model could be had from the Hub: {reason}. "
        "Check the spelling and the connection, or unset MODEL_ID for the shipped model, which needs no internet."
    )
