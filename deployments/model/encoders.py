"""The tokenizers of transformers, as the services use them: from texts to lists of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from deployments.model.classifier import Encoding
from deployments.model.errors import ModelUnusable, first_line
from deployments.model.source import ModelSource

LONGEST_TRIED = 5_002  # a text has at most 5,000 characters, see services/contract.py
_FEWEST_WORDS = 4  # no real vocabulary is smaller: the letters of DNA
SAMPLES = (
    "What a lovely film!",
    "bad",
    "The plot is thin, the jokes are old, and still I laughed from the first scene to the last.",
    "Прекрасный фильм",
    "とても良い映画です",
    "4 of 5",
)


class FastEncoder:
    """A tokenizer of the package tokenizers, as the services use it without transformers."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self.tokenizer.no_padding()
        self._side = tokenizer.truncation_side

    def limit(self, max_tokens: int) -> None:
        """Cut texts to this length from now on."""
        self.tokenizer.enable_truncation(max_tokens, direction=self._side)

    def __call__(self, texts: list[str]) -> Sequence[Encoding]:
        return self.tokenizer.encode_batch(texts)


class SlowEncoder:
    """A tokenizer that is written in Python, such as that of CANINE."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self._max_tokens = tokenizer, LONGEST_TRIED

    def limit(self, max_tokens: int) -> None:
        """Cut texts to this length from now on."""
        self._max_tokens = max_tokens

    def __call__(self, texts: list[str]) -> Sequence[Encoding]:
        encoded = self._tokenizer(texts, truncation=True, max_length=self._max_tokens)
        ids = encoded["input_ids"]
        return list(map(_Tokens, ids, encoded.get("token_type_ids") or [[0] * len(x) for x in ids]))


@dataclass(frozen=True)
class _Tokens:
    ids: list[int]
    type_ids: list[int]

    def __len__(self) -> int:
        return len(self.ids)


def open_encoder(tokenizer: Any, source: ModelSource) -> FastEncoder | SlowEncoder:
    """Return the encoder that does what the tokenizer of transformers does.

    Raises:
        ModelUnusable: The tokenizer fails, or it has no words.
    """
    _require_vocabulary(tokenizer, source)
    try:
        fast = _has_equal_backend(tokenizer)
        encoder: FastEncoder | SlowEncoder
        encoder = FastEncoder(tokenizer) if fast else SlowEncoder(tokenizer)
        encoder.limit(LONGEST_TRIED)
        found = encoder(list(SAMPLES))
    except Exception as error:  # each tokenizer has its own, and tokenizers raises bare ones
        raise ModelUnusable(
            f"The tokenizer of {source.name} cannot read a text: {first_line(error)}. Its files "
            "may be damaged or belong to another model; download them again."
        ) from error
    if not any(map(len, found)):
        raise _no_vocabulary(source)
    return encoder


def _has_equal_backend(tokenizer: Any) -> bool:
    """Return whether the fast tokenizer alone does what the tokenizer of transformers does."""
    if not getattr(tokenizer, "is_fast", False):
        return False
    texts = [*SAMPLES, *map(str, tokenizer.all_special_tokens)]
    found, expected = FastEncoder(tokenizer)(texts), tokenizer(texts)
    types = [one.type_ids for one in found]
    return (
        bool([one.ids for one in found] == expected["input_ids"])
        and expected.get("token_type_ids", types) == types
    )


def _require_vocabulary(tokenizer: Any, source: ModelSource) -> None:
    """Refuse a tokenizer without words.

    Where files are missing, transformers makes one of the special tokens and up to two others.
    """
    if len(tokenizer) - len(set(tokenizer.all_special_tokens)) < _FEWEST_WORDS:
        raise _no_vocabulary(source)


def _no_vocabulary(source: ModelSource) -> ModelUnusable:
    return ModelUnusable(
        f"{source.name} has no usable tokenizer: its vocabulary is empty. Put the files of the "
        "tokenizer next to the weights, for example tokenizer.json."
    )
