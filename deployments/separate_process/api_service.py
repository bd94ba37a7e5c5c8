"""Method 2, the API service: it checks requests and asks the model service at MODEL_URL.

    python model_service.py        # port 5001
    python api_service.py          # port 5000, in a second terminal

It imports no model library. Docker and Kubernetes run this same file and set MODEL_URL: in a
container, `localhost` is the container itself.
"""

import os
import sys

from deployments.services.application import create_app
from deployments.services.gateway import Gateway
from deployments.services.server import serve
from deployments.services.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment(method="separate-process", port=5000)
    model_url = os.environ.get("MODEL_URL", "http://localhost:5001")
    try:
        gateway = Gateway(model_url, settings.upstream_timeout_s)
    except ValueError as error:
        sys.exit(str(error))
    serve(create_app(gateway, settings), settings)
