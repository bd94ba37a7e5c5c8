"""The command `hostlab export`."""

from pathlib import Path
from typing import Annotated

import typer

from hostlab.cli.console import err, out, progress_of
from hostlab.runtime import exports
from hostlab.runtime.paths import ROOT
from hostlab.runtime.progress import Sentence
from hostlab.types import Language


def export(
    model: Annotated[
        str | None,
        typer.Argument(
            help="A folder, or an ID on the Hugging Face Hub.",
            show_default="MODEL_ID from the environment, or else the shipped model",
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="Also write a copy to this folder, which must not exist yet."),
    ] = None,
    stick: Annotated[
        Path,
        typer.Option(
            "--from",
            help="A folder that `make bundle` wrote: take the export from there if it fits.",
            show_default="this project's",
        ),
    ] = ROOT,
) -> None:
    """Export a model to ONNX, so that its first start is quick. Services make it otherwise.

    It is made once, and kept in the cache for all methods.
    """
    with progress_of("export") as spinner:

        def progress(sentence: Sentence) -> None:
            spinner(sentence)
            if not err.is_terminal:  # it takes long enough to say so in a log, too
                err.print(sentence.text(Language.EN), soft_wrap=True)

        if folder is not None:
            exports.write(model, folder, progress, stick)
        cached = exports.provide(model, progress, stick)
    for place, what in ((cached, "The export"), (folder, "The copy")):
        if place is not None:
            sentence = f"{what} is in {place} ({exports.size_mb(place):.0f} MB)."
            out.print(sentence, soft_wrap=True)
