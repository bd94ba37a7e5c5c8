"""What most people write first: FastAPI and a transformers pipeline (or the ONNX file).

`predict` is a plain function, so FastAPI runs it in its thread pool.
"""

import os
from typing import Any

import uvicorn
from fastapi import FastAPI
from model import load_model
from pydantic import BaseModel

app = FastAPI()
model = load_model()


class Body(BaseModel):
    text: str | list[str]


@app.post("/predict")
def predict(body: Body) -> list[dict[str, Any]]:
    return model([body.text] if isinstance(body.text, str) else body.text)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False)
