"""Export a model to ONNX, so that a service runs it without torch.

    python -m deployments.model.export MODEL FOLDER

An export is a folder with the network, the tokenizer, and a description. It is made once for each
model and kept in the user's cache, under a key of the model's files and the exporter's versions. If
several services start at the same moment, one of them makes it and the others wait.

The export runs in a process of its own, because the service that waits for it must not hold torch
in memory. It uses `torch.onnx.export` with `dynamo=True`. The older exporter records one forward
pass, and the recording is wrong for padded batches of most architectures. That of transformers
(`transformers.exporters`) is experimental, wraps the same function, and changes the model in place.
Whatever made it, the network is compared with torch before it is used.
"""

import argparse
import hashlib
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs
from filelock import FileLock

from deployments.model.errors import ModelUnusable
from deployments.model.export_files import DESCRIPTION, INT8, NOT_EXPORTABLE
from deployments.model.int8_settings import Int8Settings
from deployments.model.source import ModelSource, find_source

log = logging.getLogger("hostlab")

FORMAT = 1  # of the folder; increase it when older exports can no longer be read
_EXPORTERS = ("torch", "transformers", "tokenizers", "onnxscript")
_ROOT = Path(__file__).resolve().parents[2]
_UNUSABLE = 3  # the exit status of a process that found the model itself unusable


def cached_export(source: ModelSource) -> Path:
    """Return the folder of the model's export, and make the export if there is none yet.

    It contains NETWORK, or NOT_EXPORTABLE if the model cannot be exported.

    Raises:
        ModelUnusable: The model cannot be loaded or cannot classify a text, or the cache cannot be
            written.
    """
    folder = export_folder(source.folder)
    if folder.is_dir():
        return folder
    if importlib.util.find_spec("torch") is None:
        raise ModelUnusable(
            f"{source.name} (MODEL_ID) is not an export, and this service cannot make one, because "
            "torch is not installed. Make it where the whole project is installed: `hostlab export "
            f"{source.name} --out FOLDER`. Then use that folder instead."
        )
    return _make_once(source, folder)


def cached_int8(source: ModelSource, export: Path) -> Path:
    """Return the folder of the model's int8 export, made from its export if there is none yet.

    Raises:
        ModelUnusable: The network cannot be quantized, or the cache cannot be written.
    """
    folder = cache() / f"int8-{_version('onnxruntime')}-{export_key(source.folder)}"
    if folder.is_dir():
        return folder
    if importlib.util.find_spec("onnx") is None:
        raise ModelUnusable(
            "The engine onnx-int8 (MODEL_ENGINE) needs the package onnx to quantize the network, "
            "and it is not installed. Install it with `pip install onnx`, or unset MODEL_ENGINE."
        )
    return _make_once(source, folder, "--int8", str(export))


def _make_once(source: ModelSource, folder: Path, *options: str) -> Path:
    """Write an export to `folder`, unless another process does so meanwhile."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                log.info("exporting %s to ONNX; this takes a while, once", source.name)
                for interrupted in folder.parent.glob(f"{folder.name}-*"):
                    shutil.rmtree(interrupted, ignore_errors=True)
                with tempfile.TemporaryDirectory(
                    prefix=f"{folder.name}-", dir=folder.parent
                ) as temporary:
                    made = Path(temporary) / "export"
                    _run_export(source, made, *options)
                    made.replace(folder)  # all at once: nobody sees half of it
    except OSError as error:
        raise ModelUnusable(
            f"The export of {source.name} cannot be written to {folder.parent}: {error}. Free some "
            "space or make the folder writable, or set HOSTLAB_CACHE to another folder."
        ) from error
    return folder


def is_export(model: Path) -> bool:
    """Return whether the folder of a model is an export itself."""
    return (model / DESCRIPTION).exists()


def export_folder(model: Path) -> Path:
    """Return where the export of the model in this folder is, or will be."""
    return model if is_export(model) else cache() / export_key(model)


def cache() -> Path:
    """Return the folder for exports: HOSTLAB_CACHE, or the user's cache. Raises ModelUnusable."""
    try:
        folder = os.environ.get("HOSTLAB_CACHE") or platformdirs.user_cache_path("hosting-lab")
    except RuntimeError as error:
        raise ModelUnusable(
            "This user has no home folder, where exports are kept. Set HOSTLAB_CACHE to a folder."
        ) from error
    return Path(folder) / "exports"


def export_to(source: ModelSource, folder: Path) -> None:
    """Write an export, made or from the cache, to a folder that does not exist yet.

    Raises:
        ModelUnusable: The model cannot be used, or cannot be exported.
    """
    made = cached_export(source)
    if reason := not_exportable_reason(made):
        raise ModelUnusable(f"{source.name} cannot be exported to ONNX: {reason}.")
    shutil.copytree(made, folder)


def not_exportable_reason(folder: Path) -> str | None:
    """Return why the model cannot be exported; None if the folder contains an export."""
    path = folder / NOT_EXPORTABLE
    if not path.exists():
        return None
    return str(json.loads(path.read_text(encoding="utf-8")))


def export_key(folder: Path) -> str:
    """Return a key of the model's files and the versions of what exports them."""
    digest = hashlib.sha256(repr((FORMAT, [_version(name) for name in _EXPORTERS])).encode())
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix != ".md":
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _run_export(source: ModelSource, folder: Path, *options: str) -> None:
    """Make an export in a process of its own. Raises ModelUnusable."""
    # -P: a random.py or a json.py in the current folder must not replace Python's own.
    command = [sys.executable, "-P", "-m", "deployments.model.export"]
    python_path = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    process = subprocess.run(
        [*command, *options, "--name", source.name, str(source.folder), str(folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, python_path))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if process.returncode == _UNUSABLE:
        raise ModelUnusable(json.loads(process.stdout.splitlines()[-1]))
    if process.returncode:
        last = (process.stderr.strip().splitlines() or [f"status {process.returncode}"])[-1]
        raise ModelUnusable(
            f"The export of {source.name} failed: {last}. Install what it needs with `pip install "
            "-e .` in the project's folder, or set MODEL_ENGINE=torch."
        )


def main() -> None:
    """Export a model to a folder."""
    parser = argparse.ArgumentParser(description="Export a model to ONNX.")
    parser.add_argument("model", help="a folder or an ID on the Hugging Face Hub")
    parser.add_argument("folder", type=Path, help="the folder to create")
    parser.add_argument("--name", help="the name of the model, as /health reports it")
    parser.add_argument(
        "--int8", type=Path, metavar="EXPORT", help="the model's export, to make its int8 version"
    )
    options = parser.parse_args()
    try:
        source = find_source(options.model)
        # Imported here because the services import this module without torch and onnx
        if options.int8:
            from deployments.model.quantization import write_int8

            write_int8(options.int8, Int8Settings.read(source.folder / INT8), options.folder)
        else:
            from deployments.model.onnx_export import write_export

            write_export(ModelSource(options.name or source.name, source.folder), options.folder)
    except ModelUnusable as error:
        print(json.dumps(str(error)))
        sys.exit(_UNUSABLE)


if __name__ == "__main__":
    main()
