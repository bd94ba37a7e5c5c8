"""An environment for each peer, made once and kept: a peer is no dependency of the project, and two
peers may want different things.
"""

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs

from hostlab.errors import HostingLabError
from hostlab.measure.parts.setup_time import TORCH_INDEX


def default_folder() -> Path:
    return Path(platformdirs.user_cache_dir("hosting-lab")) / "benchmark-environments"


def prepare(name: str, packages: list[str], folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of an environment with exactly these packages, made if need be; without
    packages the project's own.

    Raises HostingLabError with pip's last lines where it cannot be made.
    """
    if not packages:
        return Path(sys.executable)
    # the model's libraries are the project's, to the number: what differs is the hosting
    same = [
        f"{library}=={importlib.metadata.version(library).partition('+')[0]}"
        for library in ("torch", "transformers", "tokenizers", "safetensors")
    ]
    wanted = "\n".join([*same, *packages])
    place = folder / name
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = place / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    progress(f"{name}: making its environment in {place}; once, some minutes")
    _run([sys.executable, "-m", "venv", "--clear", str(place)])
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    if (
        sys.platform == "linux"
    ):  # as in Makefile: the package index's torch brings gigabytes of CUDA
        cpu_build = [
            "--no-deps",
            "--retries",
            "2",
            "--timeout",
            "15",
            "--extra-index-url",
            TORCH_INDEX,
            f"{same[0]}+cpu",
        ]
        try:
            _run([*install, *cpu_build])
        except HostingLabError:
            progress(
                f"{name}: no CPU build of torch is within reach: taking the package index's, a "
                "larger download"
            )
    _run([*install, *same, *packages])
    stamp.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise HostingLabError(
            f"This failed: {' '.join(command)}\n{last}\nIs the network there? Does this Python "
            f"({sys.version.split()[0]}) suit the package?"
        )
