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

from deployments.services.shortening import shortened
from hostlab.errors import RequestFailed, Unavailable

NAMESPACE = "hosting-lab"
KubernetesObject = dict[str, Any]  # an object of the API as JSON
_START = "Start it (Docker Desktop, `minikube start`, `docker start` of kind's node)."
# Patterns of what kubectl prints where no request gets through, and what to do. The first counts.
_NO_ANSWER = (
    (
        r"getting credentials|exec plugin|executable \S+ (not found|failed)",
        "Run the program that kubectl gets its credentials from by hand, and install it or log in.",
    ),
    (
        r"Unauthorized|must be logged in|the server has asked for the client to provide cred",
        "Its credentials have expired or are wrong: log in to the cluster again.",
    ),
    (
        r"x509|certificate",
        "The cluster was probably created again since: write its kubeconfig again (`kind export "
        "kubeconfig`, `minikube update-context`).",
    ),
    (
        r"refused|no such host|timeout|unable to connect|no route to host|EOF|TLS handshake|"
        r"network is unreachable|connection reset|ServiceUnavailable|proxyconnect",
        _START,
    ),
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
        try:
            result = _run(self.command(*arguments), stdin, timeout_s)
        except subprocess.TimeoutExpired:
            raise self._unavailable(f"no answer within {timeout_s:g} s", _START) from None
        except OSError as error:
            raise Unavailable(f"kubectl cannot be run: {error.strerror}. Install it.") from error
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
        for pattern, advice in _NO_ANSWER:
            if re.search(pattern, reason, re.IGNORECASE):
                raise self._unavailable(reason, advice)
        raise RequestFailed(f"kubectl {arguments[0]} failed", reason, _status(reason))

    def json(self, *arguments: str, timeout_s: float = 10.0) -> KubernetesObject:
        """Run a command that reads, and return its JSON.

        It gives up early, so that a cluster that is down does not delay a status.
        """
        options = ("--output=json", "--request-timeout=3s")
        output = self(*arguments, *options, timeout_s=timeout_s)
        try:
            return cast(KubernetesObject, json.loads(output))
        except ValueError:
            detail = f"Its answer is no JSON: {shortened(output, 200)!r}"
            raise self._unavailable(detail, "Does a proxy or a plugin answer for it?") from None

    def apply(self, objects: list[KubernetesObject], namespace: str = NAMESPACE) -> None:
        """Create the objects, or change them to what they should be. All are in one namespace."""
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self("apply", "--namespace", namespace, "--filename=-", stdin=manifest)

    def _unavailable(self, reason: str, advice: str) -> Unavailable:
        return Unavailable(
            f"The cluster of the context {self.context!r} does not answer ({reason}). {advice} Or "
            "choose another one with `kubectl config use-context NAME`."
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
    files = os.environ.get("KUBECONFIG", os.path.expanduser("~/.kube/config"))
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
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=stdin or "",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout_s,
    )
