"""kubectl as a child process, always with the same context and in the namespace `hosting-lab`. Its errors become ours."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import yaml

from hostlab.errors import RequestFailed, Unavailable

NAMESPACE = "hosting-lab"
_DOWN = (
    "refused",
    "no such host",
    "i/o timeout",
    "was unable to connect",
    "no route to host",
    "Client.Timeout exceeded",
    "EOF",
    "TLS handshake",
)


class Kubectl:
    """One cluster. Every call raises Unavailable where the cluster does not answer, RequestFailed where it refuses."""

    def __init__(self, context: str) -> None:
        self.context = context

    def command(self, *arguments: str) -> list[str]:
        """Return the whole command line, for a process that the caller runs himself."""
        return ["kubectl", "--context", self.context, "--namespace", NAMESPACE, *arguments]

    def __call__(self, *arguments: str, stdin: str | None = None, timeout_s: float = 60.0) -> str:
        """Run one command and return what it prints."""
        answer = _run(self.command(*arguments), stdin, timeout_s)
        if answer is None:
            raise self._down(f"no answer within {timeout_s:g} s")
        if answer.returncode == 0:
            return answer.stdout
        # kubectl repeats itself while it looks for the server, in lines that start with their severity and date (E1123)
        said = [
            line
            for line in answer.stderr.splitlines()
            if line and " memcache.go:" not in line and not line.startswith("Warning:")
        ]
        reason = " ".join(dict.fromkeys(said)) or f"exit status {answer.returncode}"
        if any(word in reason for word in _DOWN):
            raise self._down(reason)
        raise RequestFailed(f"kubectl {arguments[0]} failed", reason)

    def json(self, *arguments: str, timeout_s: float = 10.0) -> dict:
        """Run a reading command and return its objects. It gives up early: a cluster that is down must not hold a status up."""
        return json.loads(
            self(*arguments, "--output=json", "--request-timeout=3s", timeout_s=timeout_s)
        )

    def apply(self, objects: list[dict]) -> None:
        """Create the objects or change them to what they should be."""
        self(
            "apply",
            "--filename=-",
            stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}),
        )

    def _down(self, reason: str) -> Unavailable:
        return Unavailable(
            f"The cluster of the context {self.context!r} does not answer ({reason}). Start it (Docker Desktop, `minikube start`, "
            "`docker start` of kind's node), or choose another one with `kubectl config use-context NAME`."
        )


def servers() -> tuple[dict[str, str], str | None]:
    """Return the address of each context's server by the context's name, and the name of the context in use.

    The kubeconfig is read here and not by `kubectl config view`, because every status asks; where several files are named, the
    first word on a thing holds, as for kubectl. Raises Unavailable without kubectl, or where a file cannot be read.
    """
    if not shutil.which("kubectl"):
        raise Unavailable(
            "There is no kubectl, which speaks to the cluster. Install it: https://kubernetes.io/docs/tasks/tools/"
        )
    contexts, clusters, current = {}, {}, None
    for file in filter(
        None, os.environ.get("KUBECONFIG", str(Path.home() / ".kube" / "config")).split(os.pathsep)
    ):
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


def _run(
    command: list[str], stdin: str | None, timeout_s: float
) -> subprocess.CompletedProcess[str] | None:
    """Run a command to its end; None where it took too long."""
    source = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    try:
        return subprocess.run(
            command, **source, capture_output=True, text=True, encoding="utf-8", timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        return None
