"""Three sets of generated sentences with known lengths in tokens.

The same seed gives the same texts.
"""

import math
import random
from collections.abc import Iterator

from tokenizers import Tokenizer

from deployments.model.everyday import everyday_examples
from deployments.model.source import SHIPPED

# The tokens of a text, including the two special tokens at its ends. Lengths are uniform on a
# logarithmic scale, because short texts are more frequent among real ones: as many texts have 4 to
# 8 tokens as have 64 to 128.
SETS = {"short": (8, 32), "mixed": (4, 128), "long": (112, 128)}
COUNT = 128


def text_set(name: str, count: int = COUNT, seed: int = 8) -> list[str]:
    """Return `count` texts of the set `name`, in a random order of lengths."""
    low, high = SETS[name]
    draw = random.Random(f"{name} {seed}")
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = []
    for _ in range(count):
        tokens = round(math.exp(draw.uniform(math.log(low), math.log(high))))
        texts.append(_text(low, tokens, draw, tokenizer))
    return texts


def _text(low: int, tokens: int, draw: random.Random, tokenizer: Tokenizer) -> str:
    """Return sentences of `tokens` tokens in all, or of one word less if that has `low` tokens."""
    text, length = "", 0
    for word in _words(draw):
        longer = f"{text} {word}".strip()
        longer_length = len(tokenizer.encode(longer).ids)
        if longer_length > tokens and length >= low:
            return text
        text, length = longer, longer_length
        if length >= tokens:
            break
    return text


def _words(draw: random.Random) -> Iterator[str]:
    while True:
        [(sentence, _)] = everyday_examples(1, draw)
        end = "" if sentence.endswith("?") else "."
        yield from f"{sentence[0].upper()}{sentence[1:]}{end}".split()
