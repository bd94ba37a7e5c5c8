"""Method 1, one process: the model and the API start and stop together.

Run it and send it a text:

    python service.py
    curl localhost:5000/predict --json '{"text": "What a lovely film!"}'
"""

from deployments.model.loading import load_classifier
from deployments.services.application import create_app
from deployments.services.batching import BatchedModel
from deployments.services.server import serve
from deployments.services.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment(method="in-process", port=5000)
    model = BatchedModel(load_classifier, settings.queue_limit)
    serve(create_app(model, settings), settings)
