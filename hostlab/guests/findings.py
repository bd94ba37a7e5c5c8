"""What the contract check has found out about a service, and what follows from it."""

from dataclasses import dataclass, field

from deployments.services.contract import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from hostlab.guests.texts import sentence

ESSENTIAL = "one_text"  # a service that fails this check cannot be compared with others
REQUIRED = (ESSENTIAL, "several_texts")  # what a guest must do; the rest would be better
# What a check can end like that says nothing about what it was to check.
_NOT_CHECKED = ("no_response", "no_predictions")
# These send nothing wrong: an exception in the handler is not about what they check.
_ABOUT_RESPONSES = ("order", "score_range", "request_id", "server_timing", "delay")
_NO_SUCH_PATH = (404, 405, 501)  # in response to POST /predict


@dataclass(frozen=True)
class Finding:
    """The result of one check. `came` names what came instead of what the contract says."""

    check: str
    came: str | None = None
    values: dict[str, object] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether the service did what the contract says."""
        return self.came is None

    @property
    def required(self) -> bool:
        """Whether it is about what a guest must do."""
        return self.check in ("responds", *REQUIRED)

    def title(self, language: str) -> str:
        """Return what was checked."""
        return sentence(language, f"title.{self.check}")

    def explanation(self, language: str) -> list[str]:
        """Return what was expected, what came, and how to change that. Empty if it conforms."""
        if self.came is None:
            return []
        came = sentence(language, f"came.{self.came}", **self.values)
        closed = self.came == "closed" and self.check in _ABOUT_RESPONSES
        if closed or (self.came in _NOT_CHECKED and not self.required):
            return [sentence(language, "result.not_checked"), came]
        limits = {"texts": MAX_TEXTS, "characters": MAX_CHARACTERS, "bytes": MAX_BODY_BYTES}
        return [
            sentence(language, f"expected.{self.check}", **limits),
            came,
            sentence(language, f"change.{self.check}", **limits),
        ]


def can_be_asked(findings: list[Finding]) -> bool:
    """Return whether a service gives predictions, whatever else differs from the contract."""
    return any(one.check == ESSENTIAL and one.conforms for one in findings)


def no_one_answers(findings: list[Finding]) -> bool:
    """Return whether nothing listens at the address."""
    return any(one.check == "responds" and one.came == "no_response" for one in findings)


def foreign_status(findings: list[Finding]) -> int | None:
    """Return the status of the HTML page that came for POST /predict.

    None where nothing suggests that another program answers at the address.
    """
    page = next((one for one in findings if one.check == ESSENTIAL and one.came == "page"), None)
    status = int(str(page.values["status"])) if page else None
    return status if status in _NO_SUCH_PATH else None
