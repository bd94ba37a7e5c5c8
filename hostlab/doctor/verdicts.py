"""The result of one check of a machine."""

from dataclasses import dataclass
from typing import Literal

# OK: it is there. MISSING: something works without it. FAIL: nothing works without it.
Verdict = Literal["OK", "--", "FAIL"]
OK: Verdict = "OK"
MISSING: Verdict = "--"
FAIL: Verdict = "FAIL"


@dataclass(frozen=True)
class Check:
    """The result of one check.

    `summary` is the first thing to know, `advice` what to do; either may be empty.
    """

    verdict: Verdict
    subject: str
    summary: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        """Both, as one text."""
        return f"{self.summary} {self.advice}".strip()
