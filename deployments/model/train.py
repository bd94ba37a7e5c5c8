"""Train the shipped model again: `python -m deployments.model.train --base ENCODER --data TREEBANK --out FOLDER`.

The base is any BERT-style encoder (a folder or a Hub id); the data is the Stanford Sentiment Treebank as published
(a folder or the zip archive) or a Hub id such as stanfordnlp/sst2. The vocabulary is cut to the pieces that matter
(half of a small encoder's weights are embeddings of words that nobody types). The weights kept are a running average of
those of all steps, which are better than the last ones (Polyak and Juditsky, "Acceleration of Stochastic Approximation by
Averaging", SIAM J. Control Optim. 30(4), 1992); they are stored in half precision. Needs the extra `train`.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer
from tqdm import tqdm
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerFast

from deployments.model.everyday import EMOJI, as_typed, everyday_examples
from deployments.model.treebank import Example, read_treebank

LABELS = {0: "NEGATIVE", 1: "POSITIVE"}
MAX_TOKENS = 256


def main() -> None:
    options = _options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    train, dev, test = load_data(options.data)
    print(
        f"{len(train)} training phrases, {len(dev)} dev sentences, {len(test)} test sentences",
        flush=True,
    )
    tokenizer, kept_ids = trimmed_tokenizer(
        AutoTokenizer.from_pretrained(options.base), train, options.vocabulary
    )
    model = AutoModelForSequenceClassification.from_pretrained(
        options.base, num_labels=2, id2label=LABELS, label2id={v: k for k, v in LABELS.items()}
    )
    trim_embeddings(model, kept_ids)
    averaged = fit(model, tokenizer, train, dev, options)
    averaged.half()
    save(averaged, tokenizer, options.out)
    averaged.float()
    results = {
        name: accuracy(averaged, tokenizer, examples)
        for name, examples in (("dev", dev), ("test", test))
        if examples
    }
    print("accuracy of the saved weights:", json.dumps(results), flush=True)


def load_data(source: str) -> tuple[list[Example], list[Example], list[Example]]:
    """Return training, dev and test examples from a folder, an archive or a Hub data set with GLUE's SST-2 columns."""
    if Path(source).exists():
        return read_treebank(Path(source))
    from datasets import load_dataset  # only the Hub's form of the data needs this package

    data = load_dataset(source)
    train, dev = (
        [(row["sentence"].strip(), row["label"]) for row in data[split]]
        for split in ("train", "validation")
    )
    return train, dev, []  # GLUE keeps the labels of its test split to itself


def trimmed_tokenizer(
    base: PreTrainedTokenizerFast, train: list[Example], size: int
) -> tuple[PreTrainedTokenizerFast, list[list[int]]]:
    """Return a tokenizer of at most `size` word pieces plus the emoji, and for each new id the old ids that it starts from.

    Kept are the special tokens, every single ASCII character, what the training phrases use most, and then the lowest ids,
    which in BERT's vocabulary are the most frequent words.
    """
    specials = [base.pad_token, base.unk_token, base.cls_token, base.sep_token, base.mask_token]
    vocabulary = base.get_vocab()
    used = Counter(piece for text, _ in train if " " in text for piece in base.tokenize(text))
    frequent = [piece for piece, count in used.most_common() if count >= 8]
    characters = [
        piece for piece in vocabulary if len(piece.removeprefix("##")) == 1 and piece.isascii()
    ]
    by_frequency = [
        piece
        for piece in sorted(vocabulary, key=vocabulary.get)
        if piece.isascii() and not piece.startswith("[unused")
    ]
    pieces = list(dict.fromkeys([*specials, *characters, *frequent, *by_frequency]))[:size]

    definition = json.loads(base.backend_tokenizer.to_str())
    definition["model"]["vocab"] = {piece: index for index, piece in enumerate(pieces)}
    definition["added_tokens"] = [
        token | {"id": pieces.index(token["content"])}
        for token in definition["added_tokens"]
        if token["content"] in specials
    ]
    definition["truncation"] = definition["padding"] = None
    for token, ids in definition["post_processor"].get("special_tokens", {}).items():
        ids["ids"] = [pieces.index(token)]
    for name in ("sep", "cls"):  # BertProcessing names them so
        if name in definition["post_processor"]:
            definition["post_processor"][name][1] = pieces.index(
                definition["post_processor"][name][0]
            )
    backend = Tokenizer.from_str(json.dumps(definition))
    backend.add_tokens([AddedToken(emoji, normalized=False) for emoji in EMOJI])
    names = dict(
        zip(
            ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"),
            specials,
            strict=True,
        )
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=MAX_TOKENS, **names
    )
    old_ids = [[vocabulary[piece]] for piece in pieces]
    emoji = sorted(EMOJI, key=tokenizer.convert_tokens_to_ids)
    return tokenizer, old_ids + [
        base(EMOJI[sign], add_special_tokens=False)["input_ids"] for sign in emoji
    ]


def trim_embeddings(model: torch.nn.Module, old_ids: list[list[int]]) -> None:
    """Replace the word embeddings by rows that are the mean of the named old rows, and cut the positions to MAX_TOKENS."""
    old = model.get_input_embeddings().weight.data
    model.resize_token_embeddings(len(old_ids), mean_resizing=False)
    model.get_input_embeddings().weight.data = torch.stack(
        [old[ids].mean(dim=0) for ids in old_ids]
    )
    table = model.base_model.embeddings
    table.position_embeddings = torch.nn.Embedding.from_pretrained(
        table.position_embeddings.weight.data[:MAX_TOKENS].clone(), freeze=False
    )
    table.register_buffer(
        "position_ids", torch.arange(MAX_TOKENS).expand((1, -1)), persistent=False
    )
    table.register_buffer(
        "token_type_ids", torch.zeros((1, MAX_TOKENS), dtype=torch.long), persistent=False
    )
    model.config.max_position_embeddings = MAX_TOKENS


def fit(
    model, tokenizer, train: list[Example], dev: list[Example], options: argparse.Namespace
) -> torch.nn.Module:
    """Fine-tune `model` and return the running average of its weights."""
    rng = random.Random(options.seed)
    decayed = [p for n, p in model.named_parameters() if p.ndim > 1]
    others = [p for n, p in model.named_parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
        lr=options.lr,
        foreach=True,
    )
    steps = options.epochs * ((len(train) + options.everyday) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        options.lr,
        total_steps=steps + options.epochs,
        pct_start=0.06,
        anneal_strategy="linear",
        cycle_momentum=False,
        final_div_factor=20,
    )
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(options.average)
    )
    for epoch in range(options.stop_after or options.epochs):
        model.train()
        examples = [
            (as_typed(text, label, rng), label)
            for text, label in train + everyday_examples(options.everyday, rng)
        ]
        for texts, labels in tqdm(
            _batches(examples, options.batch, rng), desc=f"epoch {epoch + 1}", mininterval=10
        ):
            inputs = tokenizer(
                texts,
                padding=True,
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
                return_token_type_ids=False,
            )
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16):
                logits = model(**inputs).logits
            loss = torch.nn.functional.cross_entropy(
                logits.float(), torch.tensor(labels), label_smoothing=0.05
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            averaged.update_parameters(model)
        print(
            f"epoch {epoch + 1}: dev {accuracy(model, tokenizer, dev):.4f}, averaged weights {accuracy(averaged.module, tokenizer, dev):.4f}",
            flush=True,
        )
    return averaged.module


def _batches(
    examples: list[Example], size: int, rng: random.Random
) -> list[tuple[list[str], list[int]]]:
    """Cut shuffled examples into batches of nearly equal length, so that little is padded, and shuffle the batches."""
    ordered = sorted(examples, key=lambda example: len(example[0]) + rng.random() * 8)
    batches = [
        tuple(map(list, zip(*ordered[start : start + size], strict=True)))
        for start in range(0, len(ordered) - size + 1, size)
    ]
    rng.shuffle(batches)
    return batches


@torch.inference_mode()
def accuracy(model, tokenizer, examples: list[Example]) -> float:
    """Return the share of `examples` whose label the model gives, from 0 to 1."""
    model.eval()
    right = 0
    for start in range(0, len(examples), 32):
        texts, labels = zip(*examples[start : start + 32], strict=True)
        inputs = tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=MAX_TOKENS,
            return_tensors="pt",
            return_token_type_ids=False,
        )
        right += (model(**inputs).logits.argmax(dim=1) == torch.tensor(labels)).sum().item()
    return right / len(examples)


def save(model, tokenizer, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--base", required=True, help="the encoder to start from: a folder or a Hub id"
    )
    parser.add_argument(
        "--data",
        required=True,
        help="the treebank: a folder, its zip archive, or a Hub id (stanfordnlp/sst2)",
    )
    parser.add_argument("--out", required=True, type=Path, help="the folder for the weights")
    parser.add_argument(
        "--epochs",
        type=int,
        default=4,
        help="passes over the data, over which the learning rate falls",
    )
    parser.add_argument("--stop-after", type=int, help="end early, after this many of them")
    parser.add_argument("--lr", type=float, default=8e-5, help="peak learning rate")
    parser.add_argument("--batch", type=int, default=48, help="texts a step")
    parser.add_argument(
        "--average",
        type=float,
        default=0.998,
        help="decay of the running average of the weights, a step",
    )
    parser.add_argument(
        "--everyday", type=int, default=6000, help="made-up everyday sentences an epoch"
    )
    parser.add_argument("--vocabulary", type=int, default=12000, help="word pieces to keep")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--bf16", action="store_true", help="compute in bfloat16, where the processor has it"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
