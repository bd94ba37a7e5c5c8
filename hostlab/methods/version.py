"""Reject a name that cannot be the version of a rollout."""

import re

from hostlab.errors import BadInput


def require_version(version: str, valid: re.Pattern[str]) -> None:
    """Raise BadInput if `version` doesn't match what a method accepts."""
    if not valid.fullmatch(version):
        raise BadInput(
            f"{version!r} is not a valid version. Use letters, digits, dots, and dashes, at most "
            "63 characters."
        )
