"""infinity-emb's own command and server, with its route /classify. It sorts and batches by itself.

The command gets the model as its versions of transformers and optimum can read it. With EXPORT, its
engine `optimum` runs the ONNX file.
"""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path


def write_model(folder: Path) -> None:
    """Write the model into a new folder: links, and a tokenizer class of transformers 4."""
    model = Path(os.environ["MODEL"])
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).symlink_to(file)
    tokenizer = folder / "tokenizer_config.json"
    known = json.loads(tokenizer.read_text(encoding="utf-8"))
    tokenizer.unlink()
    known["tokenizer_class"] = "PreTrainedTokenizerFast"
    tokenizer.write_text(json.dumps(known), encoding="utf-8")
    if export := os.environ.get("EXPORT"):
        (folder / "model.onnx").symlink_to(Path(export) / "network.onnx")


def command() -> list[str]:
    """Return the arguments of `infinity_emb`."""
    address = ["--host", "127.0.0.1", "--port", os.environ["PORT"]]
    model = ["--model-id", ".", "--dtype", "float32", "--device", "cpu"]
    engine = ["--engine", "optimum" if "EXPORT" in os.environ else "torch"]
    other = [
        "--onnx-do-not-prefer-quantized",
        "--no-bettertransformer",  # it does not support this version of transformers
        "--no-model-warmup",  # with `optimum`, its texts are longer than the model can read
        "--log-level",
        "warning",
    ]
    return ["v2", *model, *engine, *other, "--batch-size", os.environ["BATCH_SIZE"], *address]


if __name__ == "__main__":
    # So that the folder is removed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder) / "model")
        # `optimum` finds an ONNX file only by a path that is relative to the current folder
        os.chdir(Path(folder) / "model")
        os.environ["HF_HOME"] = folder  # for the file that `optimum` makes of it
        from infinity_emb.cli import cli

        sys.argv[1:] = command()
        cli()
