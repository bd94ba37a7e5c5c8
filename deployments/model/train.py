"""Train the shipped model again.

    python -m deployments.model.train --base ENCODER --data TREEBANK --out FOLDER

The base is any BERT-style encoder: a folder or a Hub ID. The data is the Stanford Sentiment
Treebank as published (a folder or the zip archive), or a Hub ID such as stanfordnlp/sst2. Training
first reduces the vocabulary (see vocabulary.py). The saved weights are a running average over all
steps, which is better than the weights of the last step; they are stored in half precision. Needs
the extra `train`.

Source of the averaging: Polyak and Juditsky, "Acceleration of Stochastic Approximation by
Averaging", SIAM J. Control Optim. 30(4), 1992.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from deployments.model.everyday import as_typed, everyday_examples
from deployments.model.treebank import Example, read_treebank
from deployments.model.vocabulary import MAX_TOKENS, trim_embeddings, trimmed_tokenizer

LABELS = {0: "NEGATIVE", 1: "POSITIVE"}
EVALUATION_BATCH = 32


def main() -> None:
    """Train, save, and evaluate the model."""
    options = _options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    train, dev, test = load_data(options.data)
    print(
        f"{len(train)} training phrases, {len(dev)} dev sentences, {len(test)} test sentences",
        flush=True,
    )
    base: Any = AutoTokenizer.from_pretrained(options.base)
    tokenizer, old_ids = trimmed_tokenizer(base, train, options.vocabulary)
    model = AutoModelForSequenceClassification.from_pretrained(
        options.base, num_labels=2, id2label=LABELS, label2id={v: k for k, v in LABELS.items()}
    )
    trim_embeddings(model, old_ids)
    averaged: Any = fit(model, tokenizer, train, dev, options)  # half() and float() have no types
    averaged.half()
    averaged.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    averaged.float()
    results = {
        name: accuracy(averaged, tokenizer, examples)
        for name, examples in (("dev", dev), ("test", test))
        if examples
    }
    print("accuracy of the saved weights:", json.dumps(results), flush=True)


def load_data(source: str) -> tuple[list[Example], list[Example], list[Example]]:
    """Return training, dev, and test examples.

    `source` is a folder, an archive, or a data set on the Hub with the columns of GLUE's SST-2.
    """
    if Path(source).exists():
        return read_treebank(Path(source))
    from datasets import load_dataset  # only data from the Hub needs this package

    data = load_dataset(source)
    train, dev = (
        [(row["sentence"].strip(), row["label"]) for row in data[split]]
        for split in ("train", "validation")
    )
    return train, dev, []  # GLUE does not publish the labels of its test split


def fit(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    train: list[Example],
    dev: list[Example],
    options: argparse.Namespace,
) -> PreTrainedModel:
    """Fine-tune `model`, and return the running average of its weights."""
    rng = random.Random(options.seed)
    steps = options.epochs * ((len(train) + options.everyday) // options.batch)
    optimizer, schedule = _optimizer(model, options.lr, steps + options.epochs)
    averaging: Any = torch.optim.swa_utils  # it has no types
    averaged = averaging.AveragedModel(
        model, multi_avg_fn=averaging.get_ema_multi_avg_fn(options.average)
    )
    for epoch in range(options.stop_after or options.epochs):
        model.train()
        examples = [
            (as_typed(text, label, rng), label)
            for text, label in train + everyday_examples(options.everyday, rng)
        ]
        batches = _batches(examples, options.batch, rng)
        for texts, labels in tqdm(batches, desc=f"epoch {epoch + 1}", mininterval=10):
            loss = _loss(model, tokenizer, texts, labels, options.bf16)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            averaged.update_parameters(model)
        last, average = (accuracy(one, tokenizer, dev) for one in (model, averaged.module))
        print(f"epoch {epoch + 1}: dev {last:.4f}, averaged weights {average:.4f}", flush=True)
    result: PreTrainedModel = averaged.module
    return result


def _optimizer(
    model: PreTrainedModel, peak_rate: float, total_steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW, without weight decay for biases and norms, and a warm-up with linear decay."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
        lr=peak_rate,
        foreach=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        peak_rate,
        total_steps=total_steps,
        pct_start=0.06,
        anneal_strategy="linear",
        cycle_momentum=False,
        final_div_factor=20,
    )
    return optimizer, schedule


def _encode(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> Any:
    """Return the inputs of the network for a batch of texts."""
    return tokenizer(
        texts,
        padding=True,
        truncation=True,
        max_length=MAX_TOKENS,
        return_tensors="pt",
        return_token_type_ids=False,
    )


def _loss(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: list[str],
    labels: list[int],
    bf16: bool,
) -> Any:  # a tensor, but its method backward() has no types
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        logits = model(**_encode(tokenizer, texts)).logits
    return torch.nn.functional.cross_entropy(
        logits.float(), torch.tensor(labels), label_smoothing=0.05
    )


def _batches(
    examples: list[Example], size: int, rng: random.Random
) -> list[tuple[list[str], list[int]]]:
    """Return shuffled batches of texts of similar length, which need little padding."""
    ordered = sorted(examples, key=lambda example: len(example[0]) + rng.random() * 8)
    batches = []
    for start in range(0, len(ordered) - size + 1, size):
        chosen = ordered[start : start + size]
        batches.append(([text for text, _ in chosen], [label for _, label in chosen]))
    rng.shuffle(batches)
    return batches


@torch.inference_mode()
def accuracy(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, examples: list[Example]
) -> float:
    """Return the share of `examples` that the model labels correctly, from 0 to 1."""
    network: Any = model  # eval() has no type
    network.eval()
    correct = 0
    for start in range(0, len(examples), EVALUATION_BATCH):
        batch = examples[start : start + EVALUATION_BATCH]
        logits = network(**_encode(tokenizer, [text for text, _ in batch])).logits
        labels = torch.tensor([label for _, label in batch])
        correct += int((logits.argmax(dim=1) == labels).sum())
    return correct / len(examples)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--base", required=True, help="the encoder to start from: a folder or a Hub ID")
    add(
        "--data",
        required=True,
        help="the treebank: a folder, its zip archive, or a Hub ID (stanfordnlp/sst2)",
    )
    add("--out", required=True, type=Path, help="the folder for the weights")
    add(
        "--epochs",
        type=int,
        default=4,
        help="passes over the data, in which the learning rate decreases",
    )
    add("--stop-after", type=int, help="stop early, after this number of epochs")
    add("--lr", type=float, default=8e-5, help="peak learning rate")
    add("--batch", type=int, default=48, help="texts per step")
    add(
        "--average",
        type=float,
        default=0.998,
        help="decay per step of the running average of the weights",
    )
    add("--everyday", type=int, default=6000, help="generated everyday sentences per epoch")
    add("--vocabulary", type=int, default=12000, help="word pieces to keep")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=2)
    add("--bf16", action="store_true", help="compute in bfloat16, if the processor supports it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
