"""Read the Stanford Sentiment Treebank: labeled phrases for training, labeled sentences for tests.

It builds SST-2 as in GLUE (Wang et al., 2018): labels 0 and 1 are negative, 3 and 4 are positive,
and 2 (neutral) is left out.

Source: Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment
Treebank", EMNLP 2013; archive trainDevTestTrees_PTB.zip.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

Example = tuple[str, int]  # a text and its label: 0 negative, 1 positive

_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_BRACKETS = {"-LRB-": "(", "-RRB-": ")"}


def phrases(tree: str) -> Iterator[tuple[str, int]]:
    """Yield (text, label from 0 to 4) for every node of a bracketed tree, the sentence last."""
    open_nodes: list[tuple[int, list[str]]] = []
    tokens = iter(_TOKEN.findall(tree))
    for token in tokens:
        if token == "(":
            open_nodes.append((int(next(tokens)), []))
        elif token == ")":
            label, words = open_nodes.pop()
            yield " ".join(words), label
            if open_nodes:
                open_nodes[-1][1].extend(words)
        else:
            open_nodes[-1][1].append(_BRACKETS.get(token, token))


def read_treebank(source: Path) -> tuple[list[Example], list[Example], list[Example]]:
    """Return the training phrases (without duplicates), dev sentences, and test sentences of SST-2.

    `source` is the published zip archive, or a folder with train.txt, dev.txt, and test.txt. Raises
    FileNotFoundError if one of them is missing.
    """
    train: dict[str, int] = {}
    for line in _lines(source, "train.txt"):
        train.update((text, label) for text, label in phrases(line) if label != 2)
    return (
        _binary(train.items()),
        read_sentences(source, "dev.txt"),
        read_sentences(source, "test.txt"),
    )


def read_sentences(source: Path, name: str) -> list[Example]:
    """Return the sentences in one file of the treebank that are not neutral."""
    roots = (list(phrases(line))[-1] for line in _lines(source, name))
    return _binary(root for root in roots if root[1] != 2)


def _binary(labeled: Iterable[tuple[str, int]]) -> list[Example]:
    return [(text, int(label > 2)) for text, label in labeled]


def _lines(source: Path, name: str) -> list[str]:
    if source.is_dir():
        return (source / name).read_text(encoding="utf-8").splitlines()
    with zipfile.ZipFile(source) as archive:
        for member in archive.namelist():
            if member.endswith(f"/{name}") or member == name:
                return archive.read(member).decode("utf-8").splitlines()
    raise FileNotFoundError(
        f"{source} contains no {name}. Use the folder or archive trainDevTestTrees_PTB.zip."
    )
