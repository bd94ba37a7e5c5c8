"""Programs that tests run to their end: `hostlab`, and a Python that imports one module."""

import os
import subprocess
import sys
from collections.abc import Iterable

from hostlab.runtime.paths import ROOT

# For tests that must not see what others run in an engine or a cluster.
NO_ENGINE = {"DOCKER_HOST": "tcp://127.0.0.1:9"}
NO_CLUSTER = {"KUBECONFIG": os.devnull}
NO_TOOLS = NO_ENGINE | NO_CLUSTER


def hostlab(
    *arguments: str, timeout_s: float = 500, cwd: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of `hostlab`. `environment` is added to the test's own."""
    return subprocess.run(
        [sys.executable, "-m", "hostlab.cli", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


def imported(module: str, names: Iterable[str]) -> list[str]:
    """Return those of the modules `names` that are loaded once `module` is imported."""
    code = f"import sys, {module}; print(*[one for one in {[*names]!r} if one in sys.modules])"
    return subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split()
