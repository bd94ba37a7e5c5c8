"""Turns what `docker compose` printed into the reason why it failed."""

import re

from hostlab.errors import HostingLabError, StartFailed
from hostlab.methods.docker.engine import unavailable

# Patterns and what to do. The first pattern that is found in the output is the reason.
_REASONS = (
    (
        r"no space left on device",
        "The disk is full. `docker system df` shows what Docker has stored, and `docker builder "
        "prune` frees its build cache.",
    ),
    (
        r"(executor failed running|process \").*deployments\.model\.export",
        "The model that MODEL_ID names could not be exported.",
    ),
    (
        r"port is already allocated|address already in use",
        "Another program uses the port, or a run that was started by hand. Set API_PORT to "
        "another port.",
    ),
    (
        r"pull access denied|manifest unknown|failed to resolve source metadata|"
        r"failed to resolve reference|No such image|: not found",
        "The image is not on this machine and could not be downloaded. Check the image's name and "
        "tag, and the connection.",
    ),
    (
        r"No matching distribution found for torch",
        "The CPU build of torch could not be downloaded. Check the connection to "
        "download.pytorch.org.",
    ),
    (
        r"No matching distribution found|Could not install packages|Read timed out",
        "A package could not be downloaded. Check the connection and try again.",
    ),
    (
        r"the --mount option requires BuildKit",
        "Docker builds without BuildKit. Install Buildx (docs.docker.com/go/buildx).",
    ),
    (
        r"Range of CPUs is from",
        "The engine has fewer CPUs than the limits require. Give Docker more, or set lower values "
        "for MODEL_CPUS and API_CPUS.",
    ),
)
_ENGINE = re.compile(
    r"Cannot connect to the Docker daemon|error during connect|"
    r"permission denied.*docker.*sock|dial unix|failed to connect to the docker API"
)
_NETWORK = re.compile(
    r"no such host|network is unreachable|i/o timeout|TLS handshake timeout|"
    r"Temporary failure in name resolution|Name or service not known|NewConnectionError|"
    r"failed to resolve"
)


def compose_error(doing: str, lines: list[str]) -> HostingLabError:
    """Return the error for a command that failed at `doing` and printed these lines."""
    output = "\n".join(lines)
    if _ENGINE.search(output):
        return unavailable(output)
    matches = (advice for pattern, advice in _REASONS if re.search(pattern, output, re.IGNORECASE))
    advice = next(matches, "The following lines say why.")
    return StartFailed(f"{doing} failed. {advice}", "\n".join(lines[-15:]))


def is_offline(error: HostingLabError) -> bool:
    """Return whether something could not be downloaded, rather than something being wrong here."""
    return isinstance(error, StartFailed) and bool(_NETWORK.search(error.log_tail))
