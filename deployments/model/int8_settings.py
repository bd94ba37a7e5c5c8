"""What a model's file int8.json says: which layers stay in fp32, and what was measured then."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from deployments.model.errors import ModelUnusable, first_line


@dataclass(frozen=True)
class Int8Quality:
    """How the labels of an int8 export compare with those of fp32, on one set of texts.

    Attributes:
        data: The set of texts.
        texts: The number of texts.
        agreement: The share of texts that get the same label.
        accuracy: The share of correct labels in int8.
        fp32_accuracy: The share of correct labels in fp32.
        processor: Where it was measured. Other processors can differ on a few texts.
    """

    data: str
    texts: int
    agreement: float
    accuracy: float
    fp32_accuracy: float
    processor: str


@dataclass(frozen=True)
class Int8Settings:
    """How to make an int8 export. The default is right for no model in particular.

    Attributes:
        fp32: Patterns, as for file names, of the modules that stay in fp32, such as
            "*.layer.0.*"; the names are those of the network in PyTorch.
        quality: What was measured with them; None if nothing was.
    """

    fp32: list[str] = field(default_factory=list)
    quality: Int8Quality | None = None

    @property
    def note(self) -> str:
        """What /health says about the precision."""
        if (found := self.quality) is None:
            return "How far its labels agree with those of fp32 was not measured for this model."
        return (
            f"{found.agreement:.1%} of its labels agree with those of fp32, and "
            f"{found.accuracy:.1%} are correct instead of {found.fp32_accuracy:.1%} "
            f"({found.data}, {found.texts:,} texts, {found.processor})."
        )

    def write(self, path: Path) -> None:
        """Write the settings as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read settings that `write` has written; the default if there is no such file.

        Raises:
            ModelUnusable: The file contains something else.
        """
        if not path.exists():
            return cls()
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            quality = known["quality"]
            return cls(list(known["fp32"]), Int8Quality(**quality) if quality else None)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelUnusable(
                f"{path} has other contents than expected: {first_line(error)}. Delete it, and "
                "every layer is quantized."
            ) from error
