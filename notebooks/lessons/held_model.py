"""Delay the loading of a container's model until a check allows it.

A model loads faster than an engine or a cluster looks at a new container, so a wrong health check
or probe would not be found out. HOLD starts the program with a copy of the model's folder in which
one file is a pipe: whoever reads a pipe waits until somebody writes to it. RELEASE writes the
file's contents to the pipe, and the model loads.
"""

MODEL = "/tmp/model"  # the copy
SETTINGS = {"MODEL_ID": MODEL, "MODEL_ENGINE": ""}  # of the program
_HOLD = f"""
mkdir {MODEL} && ln -s "$PWD"/deployments/model/weights/* {MODEL} &&
rm {MODEL}/description.json && mkfifo {MODEL}/description.json && exec "$@"
"""
RELEASE = ["sh", "-c", f"cat deployments/model/weights/description.json > {MODEL}/description.json"]
_RESPONDS = """
import http.client, os
service = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=4)
service.request("GET", "/health")
raise SystemExit(service.getresponse().status != 200)
"""
RESPONDS = ["python", "-S", "-c", _RESPONDS]  # exits with 0 if /health responds


def hold(command: list[str]) -> list[str]:
    """Return a command that starts the program `command`, whose model waits."""
    return ["sh", "-c", _HOLD, "sh", *command]
