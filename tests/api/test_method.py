"""The method `api`, as `hostlab up api` starts it: with the local provider, and with another."""

from collections.abc import Iterator

import pytest
import requests

from deployments.api.config import LOCAL_KEY
from hostlab import get
from hostlab.errors import NotRunning, RequestFailed, StartFailed, Unavailable
from hostlab.methods.api.deployment import SystemThroughApi
from hostlab.runtime import state
from tests.api.conftest import ask, assert_problem, set_behavior
from tests.api.imitations import NO_SCOPE, WITHOUT_TEXT, server
from tests.api.in_process import imitated

MODEL = "stand-in/hosting-lab-sentiment"


@pytest.fixture(scope="module")
def method() -> Iterator[SystemThroughApi]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-of-the-user")  # a key alone does not ask to spend money
        with get("api").start() as service:
            yield service


def test_no_key_and_no_internet_is_the_default(method: SystemThroughApi) -> None:
    assert [component.name for component in method.components()] == ["provider", "api_service"]
    [prediction] = method.predict("An utterly charming film.")
    assert prediction.label == "POSITIVE" and prediction.score > 0.5
    health = requests.get(f"{method.url}/health", timeout=30).json()
    assert health["model"] == MODEL
    provider = requests.get(f"{method.url}/provider", timeout=30).json()
    assert provider["local"] is True and provider["paid"] is False
    assert "sk-of-the-user" not in (state.home() / "api.json").read_text()


def test_set_provider_behavior(method: SystemThroughApi) -> None:
    method.set_provider_behavior(status=401)
    with pytest.raises(RequestFailed, match="does not accept the key"):
        method.predict("good")
    with pytest.raises(RequestFailed, match="delay_s"):
        method.set_provider_behavior(delay_s=-1)
    method.set_provider_behavior()
    assert method.predict("good")


def test_killed_provider_is_restarted(method: SystemThroughApi) -> None:
    url = method.url
    assert method.kill() == "provider"
    assert_problem(ask(url), 502, "The provider cannot be reached")
    assert method.status().state == "failed"
    method.start()
    assert ask(url).status_code == 200 and method.url == url


def test_set_behavior_without_a_provider() -> None:
    deployment = get("api")
    if deployment.status().state == "running":
        deployment.stop()
    with pytest.raises(NotRunning, match="hostlab up api"):
        deployment.set_provider_behavior()


def test_a_real_provider_without_a_key_fails_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "OPENAI_API_KEY is not set" in get("api").status().reason
    with pytest.raises(Unavailable, match="unset OPENAI_BASE_URL"):
        get("api").start()


@pytest.mark.parametrize(
    "address", ["http://[::1/v1", "http://localhost:99999/v1", "localhost:8000/v1"]
)
def test_an_address_that_cannot_be_one_is_told_before_anything_starts(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    status = get("api").status()
    assert (status.state, "OPENAI_BASE_URL must be" in status.reason) == ("unavailable", True)
    with pytest.raises(Unavailable, match="or unset OPENAI_BASE_URL to use the local provider"):
        get("api").start()


def test_a_key_that_may_not_list_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with imitated(server(NO_SCOPE, WITHOUT_TEXT)) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f" {provider.url}/ ")
        monkeypatch.setenv("OPENAI_MODEL", "m")
        with get("api").start() as service:
            assert service.predict("great")[0].label == "POSITIVE"


def test_a_failed_start_shows_its_own_log_only(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = state.home() / "logs" / "api" / "provider.log"
    earlier.parent.mkdir(parents=True, exist_ok=True)
    earlier.write_text("from an earlier run\n")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("API_ROUTE", "magic")
    with pytest.raises(StartFailed, match="API_ROUTE is 'magic'") as failed:
        get("api").start()
    assert "from an earlier run" not in str(failed.value)


def test_another_provider(provider_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_behavior(provider_url)
    monkeypatch.setenv("OPENAI_BASE_URL", provider_url)
    monkeypatch.setenv("OPENAI_API_KEY", LOCAL_KEY)
    monkeypatch.setenv("API_ROUTE", "chat")
    with get("api").start() as service:
        assert [component.name for component in service.components()] == ["api_service"]
        assert service.predict("great")[0].label == "POSITIVE"
        assert LOCAL_KEY not in (state.home() / "api.json").read_text() + service.logs(1000)
        with pytest.raises(NotRunning, match="OPENAI_BASE_URL unset"):
            service.set_provider_behavior()
