"""Method 2, the model service: a process that runs only the model. The API has its own.

    python model_service.py        # port 5001
    python api_service.py          # port 5000, in a second terminal

Docker and Kubernetes run this same file.
"""

from deployments.model.loading import load_classifier
from deployments.services.application import create_app
from deployments.services.batching import BatchedModel
from deployments.services.server import serve
from deployments.services.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment(method="separate-process", port=5001)
    model = BatchedModel(load_classifier, settings.queue_limit)
    serve(create_app(model, settings), settings)
