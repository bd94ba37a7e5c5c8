"""Reduce the vocabulary of an encoder to the word pieces that the training data needs.

Half of the weights of a small encoder are embeddings of words that nobody types.
"""

import json
from collections import Counter
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from deployments.model.everyday_words import EMOJI
from deployments.model.treebank import Example

MAX_TOKENS = 256
MIN_COUNT = 8  # of a word piece in the training data
SPECIAL_TOKENS = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")


def trimmed_tokenizer(
    base: PreTrainedTokenizerFast, train: list[Example], size: int
) -> tuple[PreTrainedTokenizerFast, list[list[int]]]:
    """Return a tokenizer of at most `size` word pieces, plus the emoji.

    It keeps the special tokens, every single ASCII character, the most frequent pieces of the
    training data, and then the lowest IDs, which are the most frequent words in BERT's vocabulary.

    Returns:
        The tokenizer, and for each of its IDs the old IDs whose embeddings it starts from.
    """
    specials: list[str] = [getattr(base, name) for name in SPECIAL_TOKENS]
    vocabulary: dict[str, int] = base.get_vocab()
    pieces = _pieces_to_keep(base, train, vocabulary, specials)[:size]
    backend = Tokenizer.from_str(json.dumps(_trimmed_definition(base, pieces, specials)))
    backend.add_tokens([AddedToken(emoji, normalized=False) for emoji in EMOJI])
    make_tokenizer: Any = PreTrainedTokenizerFast  # its constructor has no types
    tokenizer: PreTrainedTokenizerFast = make_tokenizer(
        tokenizer_object=backend,
        model_max_length=MAX_TOKENS,
        **dict(zip(SPECIAL_TOKENS, specials, strict=True)),
    )
    added: Any = tokenizer.get_vocab()
    old_ids = [[vocabulary[piece]] for piece in pieces]
    for emoji in sorted(EMOJI, key=added.__getitem__):
        old_ids.append(base(EMOJI[emoji], add_special_tokens=False)["input_ids"])
    return tokenizer, old_ids


def _pieces_to_keep(
    base: PreTrainedTokenizerFast,
    train: list[Example],
    vocabulary: dict[str, int],
    specials: list[str],
) -> list[str]:
    """Return all pieces that may be kept, the most important first."""
    used = Counter(piece for text, _ in train if " " in text for piece in base.tokenize(text))
    frequent = [piece for piece, count in used.most_common() if count >= MIN_COUNT]
    characters = [
        piece for piece in vocabulary if len(piece.removeprefix("##")) == 1 and piece.isascii()
    ]
    by_frequency = [
        piece
        for piece in sorted(vocabulary, key=vocabulary.__getitem__)
        if piece.isascii() and not piece.startswith("[unused")
    ]
    return list(dict.fromkeys([*specials, *characters, *frequent, *by_frequency]))


def _trimmed_definition(
    base: PreTrainedTokenizerFast, pieces: list[str], specials: list[str]
) -> dict[str, Any]:
    """Return the JSON definition of `base` with another vocabulary."""
    definition: dict[str, Any] = json.loads(base.backend_tokenizer.to_str())
    definition["model"]["vocab"] = {piece: index for index, piece in enumerate(pieces)}
    definition["added_tokens"] = [
        token | {"id": pieces.index(token["content"])}
        for token in definition["added_tokens"]
        if token["content"] in specials
    ]
    definition["truncation"] = definition["padding"] = None
    processor = definition["post_processor"]
    for token, ids in processor.get("special_tokens", {}).items():
        ids["ids"] = [pieces.index(token)]
    for name in ("sep", "cls"):  # the names in BertProcessing
        if name in processor:
            processor[name][1] = pieces.index(processor[name][0])
    return definition


def trim_embeddings(model: PreTrainedModel, old_ids: list[list[int]]) -> None:
    """Replace the word embeddings, and cut the positions to MAX_TOKENS.

    Each new embedding is the mean of the old ones in `old_ids`.
    """
    network: Any = model  # its attributes differ from model to model
    old = network.get_input_embeddings().weight.data
    network.resize_token_embeddings(len(old_ids), mean_resizing=False)
    network.get_input_embeddings().weight.data = torch.stack(
        [old[ids].mean(dim=0) for ids in old_ids]
    )
    embeddings = network.base_model.embeddings
    positions = embeddings.position_embeddings.weight.data[:MAX_TOKENS].clone()
    make_embedding: Any = torch.nn.Embedding  # from_pretrained has no types
    embeddings.position_embeddings = make_embedding.from_pretrained(positions, freeze=False)
    embeddings.register_buffer(
        "position_ids", torch.arange(MAX_TOKENS).expand((1, -1)), persistent=False
    )
    embeddings.register_buffer(
        "token_type_ids", torch.zeros((1, MAX_TOKENS), dtype=torch.long), persistent=False
    )
    network.config.max_position_embeddings = MAX_TOKENS
