"""One running service for each method and engine; every test of the suite runs against each."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostlab import METHODS, get
from hostlab.deployment import Deployment
from hostlab.runtime.engines import SETTING
from hostlab.runtime.readiness import engine_at
from tests.conftest import require
from tests.programs import NO_TOOLS

ENGINES = ("openvino", "torch")  # besides the default, in the methods that have them
SERVICES = {method: (method, None) for method in METHODS} | {
    f"{method}-{engine}": (method, engine)
    for method in ("in-process", "separate-process")
    for engine in ENGINES
}


@pytest.fixture
def fuzz_seed() -> int:
    """The seed of this run's generated requests; the report's header prints it."""
    return int(os.environ["HOSTLAB_FUZZ_SEED"])


@pytest.fixture
def of_all_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of this run share (with xdist, each has its own inside)."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    method, engine = SERVICES[request.param]
    if method in ("docker", "kubernetes"):
        require(method)
    if engine and not importlib.util.find_spec(engine):
        pytest.skip(f"needs {engine}")
    deployment: Deployment = get(method)
    ran_before = deployment.status().state == "running"
    with pytest.MonkeyPatch.context() as patch:
        if engine:
            patch.setenv(SETTING, engine)
        deployment.start()
        if method != "api":  # its provider has the engine
            assert engine_at(deployment.url) == (engine or "onnx")
        tools = {name: os.environ.get(name) for name in NO_TOOLS}
        yield deployment
        # The next test may be one that does not see the tools.
        for name, value in tools.items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        if not ran_before:
            deployment.stop()
