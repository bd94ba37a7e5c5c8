"""What can go wrong, one small tree.

Every message says what failed, what was tried, and what to do next.

HostingLabError
├── BadInput             a name, a setting or an argument that cannot be used
├── Unavailable          a tool that the method needs is missing, or not running
├── StartFailed          the method was launched and did not come up; carries the last log lines
├── NotRunning           the method was asked for something and does not run
└── RequestFailed        a service answered with an error, late, or not at all
"""


class HostingLabError(Exception):
    """The root of the tree: catch it to catch all of ours."""


class BadInput(HostingLabError):
    pass


class Unavailable(HostingLabError):
    pass


class StartFailed(HostingLabError):
    """Launching failed. The message consists of `summary` and `log_tail`, the last log lines."""

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(f"{message}\n\nThe last log lines:\n{log_tail}" if log_tail else message)
        self.summary, self.log_tail = message, log_tail


class NotRunning(HostingLabError):
    pass


class RequestFailed(HostingLabError):
    """A request got no answer or an error.

    `status` is the HTTP status, or None where there was none; `title` is its short form.
    """

    def __init__(
        self, title: str, detail: str, status: int | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.title, self.detail, self.status, self.retry_after_s = (
            title,
            detail,
            status,
            retry_after_s,
        )
