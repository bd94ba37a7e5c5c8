"""kubectl as a child process, always with the same context and in the namespace `hosting-lab`.

Its errors become ours.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import yaml

from hostlab.errors import RequestFailed, Unavailable

NAMESPACE = "hosting-lab"
KubernetesObject = dict[str, Any]  # an object of the API as JSON
_NO_ANSWER = (
    "refused",
    "no such host",
    "i/o timeout",
    "was unable to connect",
    "no route to host",
    "Client.Timeout exceeded",
    "EOF",
    "TLS handshake",
)

# kubectl prints the server's reason, not its HTTP status: "Error from server (NotFound): …"
_REASON = re.compile(r"Error from server \((\w+)\)")
_STATUS = {"Forbidden": 403, "NotFound": 404, "AlreadyExists": 409, "Conflict": 409}
_STATUS |= {"Invalid": 422, "TooManyRequests": 429}


class Kubectl:
    """One cluster.

    Calls raise Unavailable where it does not answer, RequestFailed where it rejects the request,
    with the HTTP status where kubectl reports the reason that stands for it.
    """

    def __init__(self, context: str) -> None:
        self.context = context

    def command(self, *arguments: str) -> list[str]:
        """Return the whole command line, for a process that the caller runs."""
        return ["kubectl", "--context", self.context, "--namespace", NAMESPACE, *arguments]

    def __call__(self, *arguments: str, stdin: str | None = None, timeout_s: float = 60.0) -> str:
        """Run one command and return what it prints."""
        result = _run(self.command(*arguments), stdin, timeout_s)
        if result is None:
            raise self._unavailable(f"no answer within {timeout_s:g} s")
        if result.returncode == 0:
            return result.stdout
        # While it looks for the server, kubectl repeats itself in lines that start with severity
        # and date (E1123).
        lines = [
            line
            for line in result.stderr.splitlines()
            if line and " memcache.go:" not in line and not line.startswith("Warning:")
        ]
        reason = " ".join(dict.fromkeys(lines)) or f"exit status {result.returncode}"
        if any(pattern in reason for pattern in _NO_ANSWER):
            raise self._unavailable(reason)
        raise RequestFailed(f"kubectl {arguments[0]} failed", reason, _status(reason))

    def json(self, *arguments: str, timeout_s: float = 10.0) -> KubernetesObject:
        """Run a command that reads, and return its JSON.

        It gives up early, so that a cluster that is down does not delay a status.
        """
        options = ("--output=json", "--request-timeout=3s")
        output = self(*arguments, *options, timeout_s=timeout_s)
        return cast(KubernetesObject, json.loads(output))

    def apply(self, objects: list[KubernetesObject]) -> None:
        """Create the objects, or change them to what they should be."""
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self("apply", "--filename=-", stdin=manifest)

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(
            f"The cluster of the context {self.context!r} does not answer ({reason}). Start it "
            "(Docker Desktop, `minikube start`, `docker start` of kind's node), or choose another "
            "one with `kubectl config use-context NAME`."
        )


def is_node_port_taken(error: RequestFailed) -> bool:
    """Return whether a Service was rejected because another one has its NodePort.

    The API gives no reason of its own for that, only a message.
    """
    return "provided port is already allocated" in error.detail


def servers() -> tuple[dict[str, str], str | None]:
    """Return each context's server address by the context's name, and the name of the current
    context.

    Reads the kubeconfig files rather than calling `kubectl config view`, because every status needs
    them. Where several files are named, the first value counts, as for kubectl. Raises Unavailable
    without kubectl, or where a file cannot be read.
    """
    if not shutil.which("kubectl"):
        raise Unavailable(
            "There is no kubectl, which talks to the cluster. Install it: "
            "https://kubernetes.io/docs/tasks/tools/"
        )
    contexts: dict[str, str] = {}
    clusters: dict[str, str] = {}
    current: str | None = None
    files = os.environ.get("KUBECONFIG", str(Path.home() / ".kube" / "config"))
    for file in filter(None, files.split(os.pathsep)):
        try:
            content = yaml.safe_load(Path(file).read_text(encoding="utf-8")) or {}
            current = current or content.get("current-context")
            contexts = {
                one["name"]: one["context"].get("cluster") for one in content.get("contexts") or []
            } | contexts
            clusters = {
                one["name"]: one["cluster"].get("server", "")
                for one in content.get("clusters") or []
            } | clusters
        except FileNotFoundError:
            continue
        except (OSError, ValueError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
            raise Unavailable(
                f"The kubeconfig {file} cannot be read: {error}. See `kubectl config view`."
            ) from error
    return {name: clusters.get(cluster, "") for name, cluster in contexts.items()}, current


def _status(message: str) -> int | None:
    reason = _REASON.search(message)
    return _STATUS.get(reason[1]) if reason else None


def _run(
    command: list[str], stdin: str | None, timeout_s: float
) -> subprocess.CompletedProcess[str] | None:
    """Run a command to its end; return None where it took too long."""
    try:
        return subprocess.run(
            command,
            input=stdin or "",
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return None
