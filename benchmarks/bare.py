"""The least that a program can do to have this model in memory: it imports torch and transformers
and loads the weights.

Run as a file with the model's folder, it says so on one line, with its peak memory, and ends. A
service's start and memory are held against this.
"""

import json
import sys
from pathlib import Path
from typing import Any


def load(folder: str) -> tuple[Any, Any]:
    """Return the tokenizer and the network."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    return AutoTokenizer.from_pretrained(
        folder
    ), AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()


def peak_mb(pid: int | str = "self") -> float:
    """Return the most memory that a process has had, in MB (10^6 bytes). Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(
        int(line.split()[1]) * 1024 / 1e6
        for line in status.splitlines()
        if line.startswith("VmHWM:")
    )


if __name__ == "__main__":
    tokenizer, network = load(sys.argv[1])
    print(json.dumps({"peak_mb": peak_mb()}), flush=True)
