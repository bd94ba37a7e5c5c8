"""The lecture's service: Flask and a transformers pipeline, one text after the other, a thread for
each request.
"""

import os

from flask import Flask, Response, jsonify, request
from transformers import pipeline

app = Flask(__name__)
model = pipeline("text-classification", model=os.environ["MODEL"], dtype="float32")


@app.route("/predict", methods=["POST"])
def predict() -> Response:
    data = request.json
    prediction = model(data["text"])
    return jsonify(prediction)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
