"""The errors of this project, as one small tree.

Every message explains what failed, what was tried, and what to do next.

HostingLabError
├── BadInput             a name, a setting, or an argument that cannot be used
│   └── Unsupported      the method lacks a capability, such as scaling
├── Unavailable          a tool that the method needs is missing, or does not run
│   └── NoMetrics        the cluster has no metrics server, which can be installed
├── StateUnusable        the folder for state and logs cannot be read or written
├── StartFailed          the method was launched but did not become ready; has the last log lines
├── ExportFailed         the model cannot be loaded, or cannot be exported for the services
├── NotRunning           the method does not run, and something was requested of it
└── RequestFailed        a service responded with an error, too late, or not at all
"""

from typing import Self

from hostlab.types import Capability


class HostingLabError(Exception):
    """The root of the tree: catch it to catch all errors of this project."""


class BadInput(HostingLabError):
    """A name, a setting, or an argument cannot be used."""


class Unsupported(BadInput):
    """The method lacks `capability`, which the request needs."""

    def __init__(self, message: str, capability: Capability) -> None:
        super().__init__(message)
        self.capability = capability


class Unavailable(HostingLabError):
    """A tool that the method needs is missing, or does not run."""


class NoMetrics(Unavailable):
    """The cluster has no metrics server. `offer` says what would be installed, if asked."""

    def __init__(self, message: str, offer: str) -> None:
        super().__init__(message)
        self.offer = offer


class StateUnusable(HostingLabError):
    """The folder for state and logs cannot be read or written."""


class StartFailed(HostingLabError):
    """Launching failed. The message consists of `summary` and `log_tail`, the last log lines."""

    def __init__(self, summary: str, log_tail: str = "") -> None:
        super().__init__(f"{summary}\n\nThe last log lines:\n{log_tail}" if log_tail else summary)
        self.summary, self.log_tail = summary, log_tail

    def extended(self, context: str, log_tail: str) -> Self:
        """Return this error with `context` before its summary and `log_tail` after its log."""
        tail = "\n".join(filter(None, (self.log_tail, log_tail)))
        return type(self)(f"{context} {self.summary}", tail)


class ExportFailed(HostingLabError):
    """The model cannot be loaded, or cannot be exported for the services."""


class NotRunning(HostingLabError):
    """The method does not run."""


class RequestFailed(HostingLabError):
    """A service responded with an error, too late, or not at all.

    `title` is the short form of the message. `status` is the HTTP status, or None if there was no
    response.
    """

    def __init__(
        self, title: str, detail: str, status: int | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.title, self.detail = title, detail
        self.status, self.retry_after_s = status, retry_after_s


# What a method that lacks a capability does instead, and which methods have it.
_LACKS = {
    Capability.SCALE: "has one copy of its model and cannot be scaled. docker and kubernetes can.",
    Capability.AUTOSCALE: "has no autoscaler. kubernetes has one.",
    Capability.ROLLOUT: "has no rolling update. docker and kubernetes do.",
    Capability.ROLLBACK: "keeps no earlier version to go back to. kubernetes does.",
    Capability.EVICT: "has nothing that can move a component elsewhere. kubernetes does.",
}


def unsupported(method: str, capability: Capability) -> Unsupported:
    """Return the error of a method that lacks a capability."""
    return Unsupported(f"{method} {_LACKS[capability]}", capability)


def explain(error: Exception) -> str:
    """Return an error's message; for an error that is none of ours, with its type."""
    if isinstance(error, HostingLabError):
        return str(error)
    return (
        f"Something went wrong that hostlab does not know ({type(error).__name__}: {error}). "
        "`hostlab doctor` shows what works here."
    )
