"""The least that a program does to load this model: it imports ONNX Runtime and a tokenizer.

Run it as a file, with the folder of an export. It prints its peak memory as JSON, and exits. A
service's start and memory are compared with this.
"""

import json
import sys
from pathlib import Path
from typing import Any


def load(folder: Path) -> tuple[Any, Any]:
    """Return the tokenizer and the session that runs the network."""
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return tokenizer, onnxruntime.InferenceSession(folder / "network.onnx")


def peak_mb(pid: int | str = "self") -> float:
    """Return the peak memory of a process in MB (10^6 bytes). Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    loaded = load(Path(sys.argv[1]))
    print(json.dumps({"peak_mb": peak_mb()}), flush=True)
