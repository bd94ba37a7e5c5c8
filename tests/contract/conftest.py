"""One running service for each method; every test of the suite runs against each."""

from collections.abc import Iterator

import pytest

from hostlab import METHODS, get
from hostlab.deployment import Deployment
from tests.conftest import require


@pytest.fixture(scope="module", params=METHODS)
def service(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    method = request.param
    if method in ("docker", "kubernetes"):
        require(method)
    deployment: Deployment = get(method)
    ran_before = deployment.status().state == "running"
    deployment.start()
    yield deployment
    if not ran_before:
        deployment.stop()
