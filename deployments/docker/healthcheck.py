"""Check whether the service in this container is ready: exit status 0 if it is.

A slim image has no curl, but it has Python.
"""

import http.client
import os
import sys

try:
    service = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=4)
    service.request("GET", "/ready")
    sys.exit(service.getresponse().status != 200)
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"not ready: {error}")
