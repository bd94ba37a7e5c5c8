"""Encrypted connections to a provider of one's own, whose certificate nobody else has signed.

self_signed.pem holds a key and a certificate for localhost, valid for a century. These tests only
use it. It was made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
-days 36500 -subj /CN=localhost -addext subjectAltName=DNS:localhost`.
"""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api import imitations
from tests.api.in_process import Imitation, check, imitated, predict

CERTIFICATE = Path(__file__).with_name("self_signed.pem")


class EncryptedImitation(Imitation):
    """A provider at https://. `name` is how the service calls its host."""

    name = "localhost"

    @property
    def url(self) -> str:
        return f"https://{self.name}:{self.port}/v1"

    def start(self) -> None:
        super().start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)


@pytest.fixture
def encrypted(monkeypatch: pytest.MonkeyPatch) -> Iterator[EncryptedImitation]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    provider = EncryptedImitation(imitations.lm_studio)
    yield provider
    provider.stop()


def test_a_certificate_that_nobody_signed(encrypted: EncryptedImitation) -> None:
    [outcome] = predict(encrypted, "one", retries=2)
    for problem in (outcome.problem, check(encrypted, model=None)):
        assert problem is not None and problem.status == 502
        assert problem.title == "The provider's certificate is not accepted"
        assert "self-signed certificate" in problem.detail and "SSL_CERT_FILE" in problem.detail
        assert problem.retry_after_s is None, "a retry does not help"
    assert outcome.problem is not None and outcome.problem.extra["attempts"] == 1


def test_ssl_cert_file(encrypted: EncryptedImitation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # for the internet
    [outcome] = predict(encrypted, "one")
    assert outcome.predictions[0][0] == "POSITIVE"


def test_a_certificate_for_another_name(
    encrypted: EncryptedImitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    encrypted.name = "127.0.0.1"
    [outcome] = predict(encrypted, "one")
    assert outcome.problem is not None
    assert outcome.problem.title == "The provider's certificate is not accepted"
    assert "127.0.0.1" in outcome.problem.detail


def test_https_where_nothing_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    with imitated(imitations.lm_studio) as provider:
        monkeypatch.setattr(
            type(provider), "url", property(lambda self: f"https://127.0.0.1:{self.port}/v1")
        )
        [outcome] = predict(provider, "one")
    assert outcome.problem is not None
    assert outcome.problem.title == "No encrypted connection to the provider"
    assert "http://" in outcome.problem.detail


def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)  # a proxy would look for the name
    with imitated(imitations.lm_studio) as provider:
        monkeypatch.setattr(
            type(provider), "url", property(lambda self: "http://no-such-host.invalid/v1")
        )
        [outcome] = predict(provider, "one")
    assert outcome.problem is not None
    assert outcome.problem.title == "The provider cannot be reached"
    assert "no address for the name in no-such-host.invalid" in outcome.problem.detail


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "something else"])
def test_a_file_that_cannot_be_used_ends_the_start(
    content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "mine.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with imitated(imitations.lm_studio) as provider, pytest.raises(SystemExit) as ended:
        predict(provider, "one")
    assert "mine.pem" in str(ended.value) and "PEM" in str(ended.value)
