"""infinity-emb's engine behind FastAPI, as its README shows. It sorts and batches by itself.

Its own server has another route (/classify) and other bodies; the engine is the same.
"""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from infinity_emb import AsyncEmbeddingEngine, EngineArgs
from pydantic import BaseModel

# A model folder with the ONNX file, as its engine `optimum` looks for it
FOLDER = tempfile.TemporaryDirectory()


class Body(BaseModel):
    text: str


def arguments() -> EngineArgs:
    """Return the engine's settings."""
    known = {"batch_size": int(os.environ["BATCH_SIZE"]), "device": "cpu", "dtype": "float32"}
    if not (export := os.environ.get("EXPORT")):
        return EngineArgs(
            model_name_or_path=os.environ["MODEL"],
            engine="torch",
            bettertransformer=False,  # it does not support this version of transformers
            **known,
        )
    for file in Path(os.environ["MODEL"]).iterdir():
        (Path(FOLDER.name) / file.name).symlink_to(file)
    (Path(FOLDER.name) / "model.onnx").symlink_to(Path(export) / "network.onnx")
    return EngineArgs(
        model_name_or_path=FOLDER.name,
        engine="optimum",
        onnx_do_not_prefer_quantized=True,
        **known,
    )


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run the engine while the server runs."""
    async with AsyncEmbeddingEngine.from_args(arguments()) as app.state.engine:
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/predict")
async def predict(body: Body) -> list[dict[str, Any]]:
    [scores], _ = await app.state.engine.classify(sentences=[body.text])
    return [max(scores, key=lambda one: one["score"])]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False)
