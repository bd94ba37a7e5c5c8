"""Load the model that a service hosts, with the engine that it is set to."""

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tokenizers import Tokenizer

from deployments.model.classifier import Classifier, Encoding
from deployments.model.description import Description
from deployments.model.engines import open_export
from deployments.model.engines.types import ENGINES, EngineName
from deployments.model.errors import ModelUnusable, first_line
from deployments.model.export import (
    cached_export,
    cached_int8,
    is_export,
    not_exportable_reason,
)
from deployments.model.export_files import DESCRIPTION, INT8, TOKENIZER
from deployments.model.int8_settings import Int8Settings
from deployments.model.source import SHIPPED, ModelSource, find_source

log = logging.getLogger("hostlab")


def default_threads() -> int:
    """Return the number of batches that run at the same time by default, and at most.

    It is one for each core that this process may use, except that every eighth core is left to the
    HTTP server. On 16 cores, 16 batches at a time leave none to it, and the service answers 0.8
    times as many texts as with 14.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return int(cores - cores // 8)


def load_classifier(
    model_id: str | None = None, threads: int | None = None, engine: str | None = None
) -> Classifier:
    """Load a text classifier.

    Args:
        model_id: A folder or an ID on the Hugging Face Hub. By default, MODEL_ID from the
            environment, or else the shipped model.
        threads: The number of batches that may run at the same time, each on one core. By default,
            MODEL_THREADS from the environment, or else default_threads(), which is also the
            maximum. If a container is limited to fewer cores, set their number: a thread that waits
            for a core delays all the others.
        engine: One of ENGINES, or "auto". By default, MODEL_ENGINE from the environment, or else
            "auto".

    Raises:
        ModelUnusable: There is no such model, it cannot classify text, or the engine cannot run it.
    """
    source = find_source(model_id or os.environ.get("MODEL_ID") or str(SHIPPED))
    threads = min(threads or _threads_from_environment(), default_threads())
    chosen = _engine(engine or os.environ.get("MODEL_ENGINE") or "auto")
    if chosen == "torch":
        if is_export(source.folder):
            raise ModelUnusable(
                f"{source.name} (MODEL_ID) is an export to ONNX, which the engine torch "
                "(MODEL_ENGINE) cannot run. Use onnx, or unset MODEL_ENGINE."
            )
        return _load_torch(source, threads)
    folder = cached_export(source)
    if reason := not_exportable_reason(folder):
        if chosen is not None:
            raise ModelUnusable(
                f"The engine {chosen} (MODEL_ENGINE) cannot run {source.name}: {reason}. Use "
                "torch, or unset MODEL_ENGINE."
            )
        log.warning("running %s with torch: %s", source.name, reason)
        return _load_torch(source, threads, reason)
    if chosen == "onnx-int8":
        folder = cached_int8(source, folder)
        note = Int8Settings.read(folder / INT8).note
        return _load_export(source, folder, threads, chosen, note)
    return _load_export(source, folder, threads, chosen or "onnx")


def _engine(name: str) -> EngineName | None:
    """Return the engine of that name; None for "auto"."""
    for engine in ENGINES:
        if name == engine:
            return engine
    if name == "auto":
        return None
    known = ", ".join(["auto", *ENGINES])
    raise ModelUnusable(f"There is no engine {name!r} (MODEL_ENGINE). Set it to one of {known}.")


def _load_export(
    source: ModelSource, folder: Path, threads: int, engine: EngineName, note: str | None = None
) -> Classifier:
    try:
        description = Description.read(folder / DESCRIPTION)
        tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        network = open_export(engine, folder, threads)
    except ModelUnusable:
        raise
    except Exception as error:  # each engine has its own, and tokenizers raises bare ones
        raise ModelUnusable(
            f"The export of {source.name} in {folder} is damaged: {first_line(error)}. Delete the "
            "folder and make the export again."
        ) from error
    if not is_export(source.folder):  # the same files may have been exported under another name
        description = replace(description, name=source.name)

    def encode(texts: list[str]) -> Sequence[Encoding]:
        return tokenizer.encode_batch(texts)

    return Classifier(description, encode, network, engine, threads, note)


def _load_torch(source: ModelSource, threads: int, reason: str | None = None) -> Classifier:
    try:
        # Imported here because torch takes seconds to import, and the other engines do without it
        from deployments.model.transformers_model import load
    except ImportError as error:
        raise ModelUnusable(
            f"The engine torch (MODEL_ENGINE) is not installed: {error}. Unset MODEL_ENGINE to use "
            "the default engine."
        ) from error
    return load(source).classifier(threads, reason)


def _threads_from_environment() -> int:
    value = os.environ.get("MODEL_THREADS", "")
    if not value:
        return default_threads()
    if not value.isdigit() or int(value) < 1:
        raise ModelUnusable(
            f"MODEL_THREADS is {value!r}. Set it to a whole number of 1 or more, or unset it to "
            "use all cores."
        )
    return int(value)
