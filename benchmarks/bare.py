"""The least that a program does to load this model: it imports torch and transformers.

Run it as a file, with the model's folder. It prints its peak memory as JSON, and exits. A service's
start and memory are compared with this.
"""

import json
import sys
from pathlib import Path
from typing import Any


def load(folder: str) -> tuple[Any, Any]:
    """Return the tokenizer and the network."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    return tokenizer, network.eval()


def peak_mb(pid: int | str = "self") -> float:
    """Return the peak memory of a process in MB (10^6 bytes). Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    tokenizer, network = load(sys.argv[1])
    print(json.dumps({"peak_mb": peak_mb()}), flush=True)
