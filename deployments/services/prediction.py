"""A prediction, as every service returns it and every client receives it.

This module must stay cheap to import: the command line needs it at every start, so it does not use
pydantic itself. FastAPI and pydantic read the dataclass and its limits.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True)
class Prediction:
    """The best label of one text, as the transformers pipeline returns it.

    `score` is the model's probability of the label. It is null only where a provider offers no
    probability.
    """

    label: str
    score: Annotated[float | None, Interval(ge=0, le=1)]
