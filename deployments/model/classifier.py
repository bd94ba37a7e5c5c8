"""Load a text classifier, and label texts with it. All services use this class."""

import os
from pathlib import Path
from typing import Any

# How torch's threads wait for work; set before torch is imported. Threads that spin take the core
# from the HTTP server. Threads that sleep at once wake up too late for a short text. GNU's OpenMP
# can do both: it spins for some microseconds first.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from deployments.model import SHIPPED, default_threads
from deployments.model.errors import ModelUnusable
from deployments.model.traced import trace_network

SHIPPED_NAME = "hosting-lab-sentiment"
DEFAULT_MAX_TOKENS = 512

Encoding = list[int]  # the token IDs of one text


class Classifier:
    """A sequence classifier with its tokenizer.

    Several threads may classify at the same time, while another one encodes.

    Attributes:
        name: The name of the model, as /health reports it.
        labels: All labels, in the order of the network's outputs.
        max_tokens: The number of tokens that the network reads; encode() cuts longer texts.
        threads: The number of cores that it may use.
    """

    def __init__(
        self,
        name: str,
        tokenizer: transformers.PreTrainedTokenizerBase,
        network: transformers.PreTrainedModel,
        threads: int,
    ) -> None:
        config: Any = network.config  # its attributes differ from model to model
        self.name = name
        self.labels: list[str] = [config.id2label[index] for index in range(config.num_labels)]
        max_positions = getattr(config, "max_position_embeddings", None) or DEFAULT_MAX_TOKENS
        self.max_tokens: int = min(tokenizer.model_max_length, max_positions)
        self.threads = threads
        self._tokenizer = tokenizer
        self._logits = trace_network(network, tokenizer("a")["input_ids"][0])
        # As in the transformers pipeline: exclusive labels share a softmax, and independent labels
        # get a sigmoid each
        self._exclusive = (
            len(self.labels) > 1 and config.problem_type != "multi_label_classification"
        )

    def encode(self, texts: list[str]) -> list[Encoding]:
        """Return the token IDs of each text, cut to `max_tokens`."""
        encoded = self._tokenizer(texts, truncation=True, max_length=self.max_tokens)
        encodings: list[Encoding] = encoded["input_ids"]
        return encodings

    def classify(
        self, encodings: list[Encoding], threads: int | None = None
    ) -> list[tuple[str, float]]:
        """Return the best label and its probability, from 0 to 1, for each encoded text.

        The texts run as one batch, padded to the longest, on `threads` cores (by default, all that
        the classifier may use).
        """
        return [
            max(scores.items(), key=lambda item: item[1])
            for scores in self.probabilities(encodings, threads)
        ]

    @torch.inference_mode()
    def probabilities(
        self, encodings: list[Encoding], threads: int | None = None
    ) -> list[dict[str, float]]:
        """Return the probability of every label for each encoded text, as `classify` does."""
        torch.set_num_threads(threads or self.threads)  # applies to the calling thread only
        inputs = self._tokenizer.pad({"input_ids": encodings}, return_tensors="pt")
        logits = self._logits(inputs["input_ids"], inputs["attention_mask"]).float()
        scores = logits.softmax(dim=1) if self._exclusive else logits.sigmoid()
        return [dict(zip(self.labels, row, strict=True)) for row in scores.tolist()]

    def predict(self, texts: list[str]) -> list[tuple[str, float]]:
        """Return the best label and its probability for each text."""
        return self.classify(self.encode(texts))


def load(model_id: str | None, threads: int | None) -> Classifier:
    """Load a classifier. See deployments.model.load_classifier."""
    chosen = model_id or os.environ.get("MODEL_ID") or str(SHIPPED)
    threads = threads or _threads_from_environment()
    hide_output: Any = transformers.utils.logging  # its functions have no types
    hide_output.set_verbosity_error()
    hide_output.disable_progress_bar()
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
    except Exception as error:  # transformers and the Hub's client raise many types of them
        raise ModelUnusable(_advice(chosen, is_folder, error)) from error
    if loaded["missing_keys"]:  # transformers would use random weights for them
        missing = ", ".join(sorted(loaded["missing_keys"]))
        raise ModelUnusable(f"{chosen} is not a model that classifies text: it has no {missing}.")
    name = SHIPPED_NAME if Path(chosen).resolve() == SHIPPED else chosen
    return Classifier(name, tokenizer, network.eval(), threads)


def _threads_from_environment() -> int:
    value = os.environ.get("MODEL_THREADS", "")
    if not value:
        return default_threads()
    if not value.isdigit() or int(value) < 1:
        raise ModelUnusable(
            f"MODEL_THREADS is {value!r}. Set it to a whole number of 1 or more, or unset it to "
            "use all cores, but at most 4."
        )
    return int(value)


def _advice(chosen: str, is_folder: bool, error: Exception) -> str:
    reason = str(error).strip().split("\n")[0].rstrip(".")
    if is_folder:
        return (
            f"The folder {chosen} (MODEL_ID) contains no usable text-classification model: "
            f"{reason}. It needs config.json, model.safetensors, and a tokenizer."
        )
    return (
        f"MODEL_ID is {chosen!r}. There is no such folder, and the Hugging Face Hub could not "
        f"provide such a model: {reason}. Check the spelling and the connection, or unset MODEL_ID "
        "to use the shipped model, which needs no internet."
    )
