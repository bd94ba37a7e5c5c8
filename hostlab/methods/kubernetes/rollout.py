"""Wait for a rollout and, where it cannot succeed, say why: with the cluster's reason rather than a
timeout.
"""

import time

from hostlab.errors import StartFailed
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import ClusterObjects
from hostlab.methods.kubernetes.pods import not_ready_reason
from hostlab.types import Progress

POLL_S = 0.5
FAILURE_TOLERANCE_S = 4.0  # a failure has to last, because a name server or a node may fail once
TIMEOUT_S = 240.0
REPEAT_AFTER_S = 5.0  # a notebook keeps every sentence, so the same one is repeated rarely


def wait(kubectl: Kubectl, names: tuple[str, ...], progress: Progress) -> None:
    """Return when the Kubernetes Deployments `names` are rolled out.

    Raises StartFailed with the reason.
    """
    deadline, failed_since = time.monotonic() + TIMEOUT_S, None
    reported_at, reported = 0.0, ""
    while True:
        objects, now = ClusterObjects.of(kubectl), time.monotonic()
        if objects.is_rolled_out(*names):
            return
        failure = objects.failure()
        failed_since = (failed_since or now) if failure else None
        if failure and failed_since and now - failed_since >= FAILURE_TOLERANCE_S:
            raise StartFailed(failure)
        if now >= deadline:
            reason = _reason(kubectl, objects)
            raise StartFailed(f"{objects.progress()} after {TIMEOUT_S:.0f} s. {reason}")
        sentence = objects.progress()
        if sentence != reported or now - reported_at >= REPEAT_AFTER_S:
            reported_at, reported = now, sentence
            progress(sentence)
        time.sleep(POLL_S)


def _reason(kubectl: Kubectl, objects: ClusterObjects) -> str:
    options = ("--field-selector=type=Warning", "--sort-by=.lastTimestamp")
    events = kubectl.json("get", "events", *options)["items"]
    reasons = (not_ready_reason(pod, events) for pod in objects.pods)
    unknown = "The cluster does not say why. See `kubectl -n hosting-lab get events`."
    return " ".join(filter(None, reasons)) or unknown
