"""Method 2, the API's half: it checks what clients send and asks the model's process at MODEL_URL. No model library is imported.

    python model_service.py        # port 5001
    python api_service.py          # port 5000, in a second terminal

Docker and Kubernetes run this same file; only MODEL_URL differs, because `localhost` does not lead from one container to another.
"""

import os
import sys

from deployments.services.application import create_app
from deployments.services.server import serve
from deployments.services.settings import Settings
from deployments.services.upstream import Gateway

if __name__ == "__main__":
    settings = Settings.from_environment(method="separate-process", port=5000)
    try:
        gateway = Gateway(
            os.environ.get("MODEL_URL", "http://localhost:5001"), settings.upstream_timeout_s
        )
    except ValueError as error:
        sys.exit(str(error))
    serve(create_app(gateway, settings), settings)
