"""Wait for a rollout, and say why where it cannot end well: not a time-out, but the reason that the cluster has."""

import time

from hostlab.errors import StartFailed
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import View, not_ready
from hostlab.types import Progress

POLL_S = 0.5
PATIENCE_S = 4.0  # how long a trouble has to last: a name server or a node may stumble once
TIMEOUT_S = 240.0
SAY_AGAIN_S = 5.0  # what is said stays on a notebook's page: the same sentence only so often


def wait(kubectl: Kubectl, names: tuple[str, ...], progress: Progress) -> None:
    """Return when the Deployments `names` are at full strength. Raises StartFailed with the reason where they cannot be, or are not in time."""
    deadline, said_at, said, trouble_since = time.monotonic() + TIMEOUT_S, 0.0, "", None
    while (now := time.monotonic()) < deadline:
        view = View.of(kubectl)
        if view.at_full_strength(*names):
            return
        trouble = view.trouble()
        trouble_since = (trouble_since or now) if trouble else None
        if trouble and now - trouble_since >= PATIENCE_S:
            raise StartFailed(trouble)
        sentence = view.progress()
        if sentence != said or now - said_at >= SAY_AGAIN_S:
            said_at, said = now, sentence
            progress(sentence)
        time.sleep(POLL_S)
    raise StartFailed(f"{view.progress()} after {TIMEOUT_S:.0f} s. {_reason(kubectl, view)}")


def _reason(kubectl: Kubectl, view: View) -> str:
    events = kubectl.json(
        "get", "events", "--field-selector=type=Warning", "--sort-by=.lastTimestamp"
    )["items"]
    return (
        " ".join(filter(None, (not_ready(pod, events) for pod in view.pods)))
        or "The cluster does not say why; see `kubectl -n hosting-lab get events`."
    )
