"""One running service for each method; every test of the suite runs against each."""

import pytest

from deployments import METHODS, get
from deployments.base import Deployment
from deployments.errors import Unavailable
from tests.conftest import require


@pytest.fixture(scope="module", params=METHODS)
def service(request: pytest.FixtureRequest):
    method = request.param
    if method in ("docker", "kubernetes"):
        require(method)
    deployment: Deployment = get(method)
    try:
        deployment.start()
    except Unavailable as reason:
        if "not there yet" in str(reason):
            pytest.skip(str(reason))
        raise
    yield deployment
    deployment.stop()
