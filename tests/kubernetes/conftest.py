"""One real run in the cluster for a file's tests, and what they need to look at it from outside."""

import shutil
from pathlib import Path

import pytest

from hostlab import get
from hostlab.methods.kubernetes import cluster, manifests
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import Kubectl
from tests.conftest import require


@pytest.fixture(scope="module")
def service():
    require("kubernetes")
    kubernetes: Kubernetes = get("kubernetes").start()
    yield kubernetes
    kubernetes.stop()


@pytest.fixture
def kubectl() -> Kubectl:
    return cluster.choose().kubectl


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that changes one file of the manifests, in a copy that is applied instead
    of them.
    """
    folder = tmp_path / "manifests"
    shutil.copytree(manifests.FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(manifests, "FOLDER", folder)

    def edit(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), "utf-8")

    return edit


@pytest.fixture
def nothing_left(kubectl: Kubectl):
    """Check, after the test, that the namespace is gone and with it everything in it."""
    yield
    assert kubectl("get", "namespaces", "hosting-lab", "--ignore-not-found", "--output=name") == ""
