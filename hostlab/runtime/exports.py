"""The model in the form that the services run: made once, kept in the user's cache.

It takes about half a minute. If it is made ahead, with `hostlab export`, the first start is quick.
A stick that `make bundle` wrote brings it along in its folder `exports`.
"""

import os
import shutil
import tempfile
from pathlib import Path

from deployments.model.errors import ModelUnusable
from deployments.model.export import (
    cached_export,
    cached_int8,
    export_folder,
    export_to,
    not_exportable_reason,
)
from deployments.model.export_files import NETWORK
from deployments.model.source import SHIPPED, ModelSource, find_source
from hostlab.errors import ExportFailed
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import Progress, Sentence

FOLDER = "exports"  # in the user's cache, and on a stick


def model_id() -> str:
    """Return the model that the services load: MODEL_ID, or else the shipped one."""
    return os.environ.get("MODEL_ID") or str(SHIPPED)


def existing(folder: Path) -> Path | None:
    """Return the export of the model in `folder` if it has been made, or None."""
    place = export_folder(folder)
    return place if (place / NETWORK).exists() else None


def provide(model: str | None, progress: Progress, stick: Path = ROOT) -> Path:
    """Return the folder of a model's export, and make the export if there is none yet.

    `model` is a folder or an ID on the Hugging Face Hub; by default, what the services load. An
    export that lies in `stick` is copied, not made. Raises ExportFailed.
    """
    try:
        return _made(find_source(model or model_id()), progress, stick)
    except ModelUnusable as error:
        raise ExportFailed(str(error)) from error


def provide_int8() -> None:
    """Make the int8 version of the export that the services load. Raises ExportFailed."""
    try:
        source = find_source(model_id())
        cached_int8(source, cached_export(source))
    except ModelUnusable as error:
        raise ExportFailed(str(error)) from error


def write(model: str | None, folder: Path, progress: Progress, stick: Path = ROOT) -> None:
    """Write an export to `folder`, which must not exist yet. Raises ExportFailed."""
    if folder.exists():
        raise ExportFailed(f"{folder} exists already. Name a folder that does not exist yet.")
    try:
        # First, because making the export takes half a minute
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent):
            source = find_source(model or model_id())
        _made(source, progress, stick)
        export_to(source, folder)
    except ModelUnusable as error:
        raise ExportFailed(str(error)) from error
    except OSError as error:
        raise ExportFailed(
            f"The export cannot be written to {folder}: {error}. Free some space, or name another "
            "folder."
        ) from error


def size_mb(folder: Path) -> float:
    """Return the size of the files in `folder`."""
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6


def _made(source: ModelSource, progress: Progress, stick: Path) -> Path:
    place = export_folder(source.folder)
    if not place.exists():
        brought = stick / FOLDER / place.name
        if brought.is_dir():
            where = str(brought.parent)
            progress(Sentence("export.copying", model=source.name, folder=where))
            copy(brought, place)
        else:
            progress(Sentence("export.making", model=source.name))
    folder = cached_export(source)
    if reason := not_exportable_reason(folder):
        raise ExportFailed(
            f"{source.name} cannot be exported to ONNX: {reason}. The services run it with torch."
        )
    return folder


def copy(source: Path, target: Path) -> None:
    """Copy an export, all at once, unless `target` exists already. Raises ExportFailed."""
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
            copied = Path(temporary) / "export"
            # Without modes and dates, which many sticks do not support.
            shutil.copytree(source, copied, copy_function=shutil.copyfile)
            copied.replace(target)
    except OSError as error:
        if target.is_dir():  # another program was faster
            return
        raise ExportFailed(
            f"The export cannot be copied from {source} to {target}: {error}. Free some space."
        ) from error
