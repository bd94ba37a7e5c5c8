"""A Python environment for each peer, created once and kept.

A peer is not a dependency of the project, and two peers may need different versions of a package.
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
    """Return where the environments are kept."""
    return Path(platformdirs.user_cache_dir("hosting-lab")) / "benchmark-environments"


def prepare(name: str, packages: list[str], folder: Path, progress: Callable[[str], None]) -> Path:
    """Return the Python of an environment with exactly these packages, created if necessary.

    Without packages, it is the project's own. Raises HostingLabError, with pip's last lines, if the
    environment cannot be created.
    """
    if not packages:
        return Path(sys.executable)
    # The model's libraries have exactly the project's versions, so that only the hosting differs.
    same = [
        f"{library}=={importlib.metadata.version(library).partition('+')[0]}"
        for library in ("torch", "transformers", "tokenizers", "safetensors", "onnxruntime")
        # Except where the peer needs another one
        if not any(package.startswith(f"{library}==") for package in packages)
    ]
    wanted = "\n".join([*same, *packages])
    place = folder / name
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = place / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    progress(f"{name}: creating its environment in {place}, once; this takes minutes")
    _run([sys.executable, "-m", "venv", "--clear", str(place)])
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    if sys.platform == "linux":  # as in the Makefile: the package index has the large CUDA build
        options = ["--no-deps", "--retries=2", "--timeout=15", f"--extra-index-url={TORCH_INDEX}"]
        try:
            _run([*install, *options, f"{same[0]}+cpu"])
        except HostingLabError:
            progress(
                f"{name}: the CPU build of torch cannot be downloaded. Using the package index's "
                "build, which is larger."
            )
    _run([*install, *same, *packages])
    stamp.write_text(wanted)
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise HostingLabError(
            f"This failed: {' '.join(command)}\n{last}\nIs the network available? Does the "
            f"package support this Python ({sys.version.split()[0]})?"
        )
