"""The contract check against real services: ours, a careless one, a lecture's, and hostile ones."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.guests import contract_check as checking
from hostlab.guests import probe
from hostlab.guests.contract_check import CHECKS, check_contract
from hostlab.guests.findings import Finding, can_be_asked
from tests.guests import servers
from tests.programs import hostlab


@pytest.fixture(scope="module")
def ours() -> Iterator[Deployment]:
    with get("in-process").start() as service:
        yield service


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check give up soon."""
    monkeypatch.setattr(probe, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(checking, "TIME_LIMIT_S", 3.0)


def differences(url: str) -> dict[str, Finding]:
    return {one.check: one for one in check_contract(url) if not one.conforms}


def test_our_own_service_conforms(ours: Deployment) -> None:
    findings = list(check_contract(ours.url))
    assert [one.check for one in findings] == list(CHECKS)
    assert all(one.conforms for one in findings) and can_be_asked(findings)


def test_three_differences_are_three_findings(ours: Deployment) -> None:
    with servers.careless(ours.url) as url:
        found = differences(url)
    assert {check: one.came for check, one in found.items()} == {
        "score_range": "score_range",
        "ready": "status",
        "request_id": "no_header",
    }
    _, came, change = found["score_range"].explanation("en")
    assert "9" in came and "percentage" in change


def test_an_encrypted_service(ours: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its certificate counts if SSL_CERT_FILE names it, and otherwise the reader learns of that."""
    with servers.encrypted(ours.url) as url:
        for unusable in ("", "no-such-file.pem", __file__):
            monkeypatch.setenv("SSL_CERT_FILE", unusable)
            [finding] = check_contract(url)
            assert finding.came == "certificate" and not can_be_asked([finding])
            assert "SSL_CERT_FILE" in finding.explanation("en")[1]
        monkeypatch.setenv("SSL_CERT_FILE", str(servers.CERTIFICATE))
        assert differences(url) == {}


class Lecture(BaseHTTPRequestHandler):
    """A service as beginners write it: another field, and a page for each error."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            texts = json.loads(body)["txt"]
            self.respond(200, json.dumps([{"label": "POSITIVE", "score": 0.9}] * len([texts])))
        except (ValueError, KeyError) as error:
            self.respond(500, f"<h1>Internal Server Error</h1> {error!r}")

    def do_GET(self) -> None:
        self.respond(404, "<h1>Not Found</h1>")

    def respond(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


def test_the_lectures_field_is_recognized() -> None:
    with servers.served(Lecture) as url:
        findings = list(check_contract(url))
    found = {one.check: one.came for one in findings if not one.conforms}
    assert found["one_text"] == "field_txt" and not can_be_asked(findings)
    assert found["health"] == "status" and found["problems"] == "media_type"
    assert len(found) > 10
    for one in findings:
        assert bool(one.explanation("ru")) is not one.conforms


@pytest.mark.parametrize(
    ("respond", "came"),
    [
        (servers.endless_body, "too_large"),
        (servers.slow_drip, "too_late"),
        (servers.redirect, "redirect"),
        (servers.not_http, "closed"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_hostile_service_ends_the_check(soon: None, respond: Callable, came: str) -> None:
    started = time.monotonic()
    with servers.raw(respond) as url:
        [finding] = check_contract(url)
    assert finding.came == came
    assert time.monotonic() - started < 10


def test_a_service_that_is_slow_for_each_check_runs_out_of_time(soon: None) -> None:
    class Slow(Lecture):
        def do_POST(self) -> None:
            time.sleep(0.7)
            super().do_POST()

    with servers.served(Slow) as url:
        *_, last = check_contract(url)
    assert (last.check, last.came) == ("the_rest", "out_of_time")


def test_the_command_for_a_service_that_conforms(ours: Deployment) -> None:
    done = hostlab("check", ours.url)
    assert done.returncode == 0, done.stdout
    assert f"follows the contract: {len(CHECKS)} of {len(CHECKS)} checks" in done.stdout


def test_the_command_for_one_that_differs(ours: Deployment) -> None:
    with servers.careless(ours.url) as url:
        done = hostlab("check", url)
        as_json = hostlab("check", url, "--json")
    assert done.returncode == as_json.returncode == 1
    assert "Came: a response without the header X-Request-ID." in done.stdout
    assert f"differs from the contract in 3 of {len(CHECKS)} checks" in done.stdout
    different = [one for one in json.loads(as_json.stdout) if not one["conforms"]]
    assert [one["check"] for one in different] == ["score_range", "ready", "request_id"]


def test_the_command_obeys_no_control_character() -> None:
    class Colorful(Lecture):
        def do_GET(self) -> None:
            self.respond(404, "\x1b[2J\x1b]0;owned\x07")

    with servers.served(Colorful) as url:
        done = hostlab("check", url)
    assert "\x1b" not in done.stdout and r"\x1b" in done.stdout


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254", "ftp://127.0.0.1", "nowhere.invalid"]
)
def test_the_command_for_an_address_that_is_not_allowed(address: str) -> None:
    done = hostlab("check", address)
    assert done.returncode == 2 and not done.stdout and len(done.stderr) > 40
