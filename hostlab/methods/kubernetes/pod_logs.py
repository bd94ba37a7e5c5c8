"""The logs of the pods, as kubectl prints them, by pod."""

import re
from itertools import groupby

from hostlab.errors import RequestFailed, Unavailable
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import PROGRAMS
from hostlab.methods.kubernetes.pods import component, is_ready
from hostlab.types import Component, ComponentLog

# What --prefix makes of a line: [pod/model-service-5c9/model] the line
_LINE = re.compile(r"\[pod/(?P<pod>[^/]+)/[^]]+\] ?(?P<text>.*)")


def read(kubectl: Kubectl, pods: list[KubernetesObject], tail: int) -> list[ComponentLog]:
    """Return the last `tail` lines of each pod. Raises Unavailable, RequestFailed.

    For a pod that crashed and is not ready again, they begin with those of the program before,
    which say why.
    """
    selector = ("--selector", PROGRAMS, "--prefix", "--ignore-errors")
    limits = (f"--tail={tail}", "--max-log-requests=50")
    output = kubectl("logs", *selector, *limits, timeout_s=15)
    crashed = [component(pod) for pod in pods if not is_ready(pod)]
    logs = [log for one in crashed if one.restarts for log in _previous(kubectl, one, tail)]
    # What does not match is kubectl's own: that a container has no log yet.
    lines = filter(None, map(_LINE.fullmatch, output.splitlines()))
    for name, group in groupby(lines, key=lambda line: line["pod"]):
        logs.append(ComponentLog(name, [line["text"] for line in group]))
    return logs


def _previous(kubectl: Kubectl, pod: Component, tail: int) -> list[ComponentLog]:
    """Return the last lines of the program that ran in the pod before."""
    try:
        output = kubectl("logs", pod.name, "--previous", f"--tail={tail}", timeout_s=15)
    except (RequestFailed, Unavailable):  # it has not been restarted, or the pod is gone by now
        return []
    lines = output.rstrip().splitlines()
    return [ComponentLog(pod.name, lines, "until it ended")] if lines else []
