"""The lecture's service: Flask and a transformers pipeline (or the ONNX file).

Each request runs in a thread of its own, one text after the other.
"""

import os

from flask import Flask, Response, jsonify, request
from model import load_model

app = Flask(__name__)
model = load_model()


@app.route("/predict", methods=["POST"])
def predict() -> Response:
    data = request.json
    prediction = model([data["text"]])
    return jsonify(prediction)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
