"""Which variant of an exercise a student gets. The name decides, and always in the same way."""

import hashlib

from pydantic import BaseModel, ConfigDict, Field


class Variant(BaseModel):
    """One of the `of` variants of an exercise, counted from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = Field(ge=1)
    of: int = Field(ge=1)


def draw(name: str, of: int, *exercise: str) -> Variant:
    """Return the variant of the student with this name, without regard to case and spaces.

    `exercise` is the lesson and the check, so that two students may share one variant, but hardly
    all of them. The final project gives none.
    """
    text = " ".join(name.casefold().split()) + ".".join(exercise)
    digest = hashlib.sha256(text.encode()).digest()
    return Variant(number=int.from_bytes(digest) % of + 1, of=of)
