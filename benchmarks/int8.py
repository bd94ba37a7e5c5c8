"""What lower precision gains and costs: speed against agreement with fp32 and accuracy.

    python -m benchmarks.int8 --data trainDevTestTrees_PTB.zip

The engine onnx-int8 is measured with several choices of what stays in fp32, and those of OpenVINO
beside it. The best choice goes into the file int8.json of the shipped model with `--ship`.

Agreement and accuracy are measured one text at a time and in batches, because in int8 a text's
logits depend on its batch. The lower ones count. The speed is that of one thread, in turn with
fp32, in batches.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import report
from benchmarks.command import busy_remark, progress_printer
from deployments.model.classifier import batch
from deployments.model.description import Description
from deployments.model.engines import open_export
from deployments.model.engines.types import Engine, EngineName, Inputs
from deployments.model.errors import ModelUnusable
from deployments.model.export import cached_export
from deployments.model.export_files import DESCRIPTION, INT8
from deployments.model.int8_settings import Int8Quality, Int8Settings
from deployments.model.loading import load_classifier
from deployments.model.quantization import write_int8
from deployments.model.source import SHIPPED, find_source
from deployments.model.treebank import Example, read_sentences
from hostlab.measure import machine
from hostlab.measure.report.table import Table, number
from hostlab.measure.report.terminal import show
from hostlab.terminal import PlainConsole

# The modules that stay in fp32, for the shipped model: a BERT with six layers
CHOICES = {
    "int8, every linear layer": [],
    "int8, all but the first layer": ["*.layer.0.*"],
    "int8, all but the first two layers": ["*.layer.[01].*"],
    "int8, all but the first three layers": ["*.layer.[0-2].*"],
    "int8, all but the last layer": ["*.layer.5.*"],
    "int8, all but the first and the last layer": ["*.layer.[05].*"],
    "int8, all but the second feed-forward layers": ["*.layer.?.output.dense"],
    "int8, all but the second feed-forward layers, and the first layer": [
        "*.layer.?.output.dense",
        "*.layer.0.*",
    ],
    "int8, all but the first two second feed-forward layers": ["*.layer.[01].output.dense"],
    "int8, feed-forward layers only": ["*.attention.*"],
    "int8, attention only": ["*.intermediate.dense", "*.layer.?.output.dense"],
}
OTHERS: dict[str, EngineName] = {"fp32, OpenVINO": "openvino", "bf16, OpenVINO": "openvino-bf16"}
MIN_AGREEMENT = 0.99
MAX_LOSS = 0.003  # of accuracy
TEXTS = 16  # in a batch
ROUNDS = 5
DATA = "SST-2 dev"


@dataclass
class Candidate:
    """One way to run the network. `speed`: texts per second over those of fp32, in each round."""

    name: str
    engine: EngineName
    folder: Path
    fp32: list[str] = field(default_factory=list)
    agreement: float = 0.0
    accuracy: float = 0.0
    speed: list[float] = field(default_factory=list)

    @property
    def size_mb(self) -> float:
        """The size of the export."""
        return sum(file.stat().st_size for file in self.folder.iterdir()) / 1e6


class TestSet:
    """Labeled texts as inputs of the network: one by one, and in batches of similar lengths."""

    def __init__(self, examples: Sequence[Example], description: Description) -> None:
        encodings = load_classifier(str(SHIPPED), engine="onnx").encode(
            [one for one, _ in examples]
        )
        order = sorted(range(len(examples)), key=lambda index: len(encodings[index]))
        ordered = [encodings[index] for index in order]
        self.single = [batch(description, [one]) for one in ordered]
        self.batched = [
            batch(description, ordered[first : first + TEXTS])
            for first in range(0, len(ordered), TEXTS)
        ]
        self.correct = np.array([examples[index][1] for index in order])


def labels(engine: Engine, batches: Sequence[Inputs]) -> np.ndarray:
    """Return the index of the best label of each text."""
    return np.concatenate([engine.run(inputs).argmax(axis=1) for inputs in batches])


def texts_per_s(engine: Engine, batches: Sequence[Inputs]) -> float:
    """Return the speed of one pass through `batches`."""
    began = time.perf_counter()
    for inputs in batches:
        engine.run(inputs)
    return sum(len(one["input_ids"]) for one in batches) / (time.perf_counter() - began)


def best(rows: Sequence[Candidate], fp32_accuracy: float) -> Candidate | None:
    """Return the fastest int8 row whose labels are close enough to those of fp32."""
    good = [
        row
        for row in rows
        if row.engine == "onnx-int8"
        and row.agreement >= MIN_AGREEMENT
        and row.accuracy >= fp32_accuracy - MAX_LOSS
    ]
    return max(good, key=lambda row: median(row.speed), default=None)


def candidates(export: Path, folder: Path) -> Iterator[Candidate]:
    """Yield a row for each choice, and for each other engine that this computer can run."""
    for number_, (name, fp32) in enumerate(CHOICES.items()):
        made = folder / str(number_)
        write_int8(export, Int8Settings(fp32), made)
        yield Candidate(name, "onnx-int8", made, fp32)
    for name, engine in OTHERS.items():
        with contextlib.suppress(ModelUnusable):
            open_export(engine, export, 1)
            yield Candidate(name, engine, export)


def main() -> None:
    """Measure, and show and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the treebank: archive or folder")
    parser.add_argument("--ship", action="store_true", help="write the model's int8.json")
    parser.add_argument(
        "--out", type=Path, default=report.RESULTS, help="the folder for the result"
    )
    chosen = parser.parse_args()
    progress, found = progress_printer(), report.head(ROUNDS)
    found["remarks"] += busy_remark()
    export = cached_export(find_source(str(SHIPPED)))
    test = TestSet(read_sentences(chosen.data, "dev.txt"), Description.read(export / DESCRIPTION))
    reference = open_export("onnx", export, 1)
    truth = {len(one): labels(reference, one) for one in (test.single, test.batched)}
    fp32_accuracy = min(float(np.mean(one == test.correct)) for one in truth.values())
    rows: list[Candidate] = []
    with tempfile.TemporaryDirectory() as temporary:
        for row in candidates(export, Path(temporary)):
            engine = open_export(row.engine, row.folder, 1)
            both = [(labels(engine, one), truth[len(one)]) for one in (test.single, test.batched)]
            row.agreement = min(float(np.mean(own == other)) for own, other in both)
            row.accuracy = min(float(np.mean(own == test.correct)) for own, _ in both)
            for _ in range(ROUNDS):
                fp32_per_s = texts_per_s(reference, test.batched)
                row.speed.append(texts_per_s(engine, test.batched) / fp32_per_s)
            rows.append(row)
            progress(
                f"{row.name}: {row.agreement:.2%} agree, accuracy {row.accuracy:.2%}, "
                f"{median(row.speed):.2f} times the speed of fp32"
            )
        winner = best(rows, fp32_accuracy)
        table = _table(rows, winner, fp32_accuracy, export)
    found |= {
        "fp32_accuracy": fp32_accuracy,
        "rows": [asdict(row) | {"folder": None} for row in rows],
    }
    show([table], PlainConsole())
    for path in report.write(chosen.out, "int8", "Lower precision", found, [], [table]):
        print(path)
    if chosen.ship and winner:
        quality = Int8Quality(
            DATA,
            len(test.correct),
            winner.agreement,
            winner.accuracy,
            fp32_accuracy,
            f"{machine.processor()}, {', '.join(machine.features() or [])}",
        )
        Int8Settings(winner.fp32, quality).write(SHIPPED / INT8)
        print(f"{SHIPPED / INT8} is written.")


def _table(
    rows: Sequence[Candidate], winner: Candidate | None, fp32_accuracy: float, export: Path
) -> Table:
    size_mb = Candidate("", "onnx", export).size_mb
    cells = [["fp32", "–", f"{fp32_accuracy:.2%}", "1", number(size_mb)]]
    cells += [
        [
            row.name + (" (best)" if row is winner else ""),
            f"{row.agreement:.2%}",
            f"{row.accuracy:.2%}",
            report.figure_cell(row.speed),
            number(row.size_mb),
        ]
        for row in sorted(rows, key=lambda row: -median(row.speed))
    ]
    notes = [
        f"On {DATA}. Agreement: the share of texts with the label of fp32. The lower one of single "
        "texts and batches. The best: the fastest one in int8 with an agreement of at least "
        f"{MIN_AGREEMENT:.0%} and a loss of accuracy of at most {MAX_LOSS * 100:.1f} points."
    ]
    columns = ["", "agreement", "accuracy", "speed over fp32", "export, MB"]
    return Table("Lower precision", columns, cells, notes)


if __name__ == "__main__":
    main()
