"""The tokenizers of transformers, as the services use them: from texts to lists of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from deployments.model.classifier import Encoding, TextEncoder
from deployments.model.errors import ModelUnusable
from deployments.model.source import ModelSource

LONGEST_TRIED = 5_002  # a text has at most 5,000 characters, see services/contract.py
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


def has_equal_backend(tokenizer: Any) -> bool:
    """Return whether the fast tokenizer alone does what the tokenizer of transformers does."""
    if not getattr(tokenizer, "is_fast", False):
        return False
    texts = [*SAMPLES, *map(str, tokenizer.all_special_tokens)]
    found = FastEncoder(tokenizer)(texts)
    return bool([one.ids for one in found] == tokenizer(texts)["input_ids"])


def require_vocabulary(tokenizer: Any, encoder: TextEncoder, source: ModelSource) -> None:
    """Refuse a tokenizer without words.

    Where files are missing, transformers makes one of the special tokens alone.
    """
    words = len(tokenizer) - len(set(tokenizer.all_special_tokens))
    if words <= 0 or not any(map(len, encoder(list(SAMPLES)))):
        raise ModelUnusable(
            f"{source.name} has no usable tokenizer: its vocabulary is empty. Put the files of the "
            "tokenizer next to the weights, for example tokenizer.json."
        )
