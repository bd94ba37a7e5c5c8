"""A prediction, as every service returns it and every client receives it.

This module must stay cheap to import: the command line needs it at every start, so it does not use
pydantic itself. FastAPI and pydantic read the dataclass.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Prediction:
    """The best label of one text, as the transformers pipeline returns it.

    `score` is the model's probability of the label. Two models give something else: a regression
    gives its output, which can be any finite number, and a provider that offers no probability
    gives null.
    """

    label: str
    score: float | None

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}
