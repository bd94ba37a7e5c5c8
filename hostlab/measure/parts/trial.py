"""What one try of a fault found."""

from collections.abc import Sequence
from dataclasses import dataclass

from hostlab.errors import BadInput
from hostlab.measure.load.generator import Sample


class NotApplicable(BadInput):
    """The method has nothing that the fault could break."""


@dataclass(frozen=True)
class Trial:
    """What one try of a fault did.

    `restart_s`: how long a manual restart took. `note`: what the user has to do now.
    """

    sent: int
    lost: int
    recovery_s: float | None
    restart_s: float | None = None
    note: str = ""


def count(
    samples: Sequence[Sample],
    began_s: float,
    recovery_s: float | None,
    restart_s: float | None = None,
    note: str = "",
) -> Trial:
    """Return the trial of a fault that began at `began_s`, in the time of the load."""
    since = [sample for sample in samples if sample.due_s >= began_s]
    lost = sum(sample.status != 200 for sample in since)
    return Trial(len(since), lost, recovery_s, restart_s, note)
