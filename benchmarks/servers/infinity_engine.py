"""infinity-emb's engine behind FastAPI, as its README shows. It sorts and batches by itself.

Its own server has another route (/classify) and other bodies; the engine is the same.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from infinity_emb import AsyncEmbeddingEngine, EngineArgs
from pydantic import BaseModel


class Body(BaseModel):
    text: str


def write_model(folder: Path) -> None:
    """Write the model as its version of transformers, and its engine `optimum`, can read it."""
    model = Path(os.environ["MODEL"])
    for file in model.iterdir():
        (folder / file.name).symlink_to(file)
    tokenizer = folder / "tokenizer_config.json"
    tokenizer.unlink()
    known = json.loads((model / tokenizer.name).read_text(encoding="utf-8"))
    known["tokenizer_class"] = "PreTrainedTokenizerFast"
    tokenizer.write_text(json.dumps(known), encoding="utf-8")
    if export := os.environ.get("EXPORT"):
        (folder / "model.onnx").symlink_to(Path(export) / "network.onnx")


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run the engine while the server runs."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder))
        os.chdir(folder)
        # `optimum` finds an ONNX file only by a path that is relative to the current folder
        arguments = EngineArgs(
            model_name_or_path=".",
            engine="optimum" if "EXPORT" in os.environ else "torch",
            batch_size=int(os.environ["BATCH_SIZE"]),
            device="cpu",
            dtype="float32",
            bettertransformer=False,  # it does not support this version of transformers
            onnx_do_not_prefer_quantized=True,
            model_warmup=False,  # with `optimum`, its texts are longer than the model can read
        )
        app.state.engine = AsyncEmbeddingEngine.from_args(arguments)
        async with app.state.engine:
            yield


app = FastAPI(lifespan=lifespan)


@app.post("/predict")
async def predict(body: Body) -> list[dict[str, Any]]:
    [scores], _ = await app.state.engine.classify(sentences=[body.text])
    return [max(scores, key=lambda one: one["score"])]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False)
