"""The contract check of what students' services are like before they are finished."""

import http.server
import json

import pytest

from hostlab.guests.contract_check import check_contract
from hostlab.guests.findings import Finding, can_be_asked, foreign_status, no_one_answers
from hostlab.runtime.ports import free_port
from tests.guests import servers
from tests.programs import hostlab


class Beginning(http.server.BaseHTTPRequestHandler):
    """Answers POST /predict for one text, and raises an exception for several."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        text.upper()
        self.respond(json.dumps([{"label": "POSITIVE", "score": 0.9}]).encode())

    def respond(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class TwoPackets(Beginning):
    """Keeps its connections, and writes headers and body one after the other."""

    protocol_version = "HTTP/1.1"


class OnePacket(TwoPackets):
    disable_nagle_algorithm = True


class Files(http.server.SimpleHTTPRequestHandler):
    """Another program: a server of files."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def checked(handler: type[http.server.BaseHTTPRequestHandler]) -> dict[str, Finding]:
    with servers.served(handler) as url:
        return {one.check: one for one in check_contract(url)}


def test_an_exception_in_a_handler_is_no_advice_about_something_else() -> None:
    found = checked(Beginning)
    assert can_be_asked(list(found.values()))
    assert found["several_texts"].came == "closed"
    assert "terminal" in " ".join(found["several_texts"].explanation("en"))
    for check in ("score_range", "order"):
        not_checked, _ = found[check].explanation("en")
        assert not_checked == "Not checked."
    assert "string" in found["wrong_type"].explanation("en")[2], "the exception is about that"


def test_another_program_is_recognized_and_not_quoted() -> None:
    found = checked(Files)
    assert foreign_status(list(found.values())) == 501
    written = " ".join(" ".join(one.explanation("en")) for one in found.values())
    assert "DOCTYPE" not in written and "an HTML page with status 404" in written


def test_a_closed_port_is_nobody() -> None:
    port = free_port()
    findings = list(check_contract(f"http://127.0.0.1:{port}"))
    assert no_one_answers(findings) and not can_be_asked(findings)
    assert "Nobody answers there" in hostlab("check", f"127.0.0.1:{port}").stdout


@pytest.mark.parametrize(("handler", "came"), [(TwoPackets, "delay"), (OnePacket, None)])
def test_a_delay_between_two_packets_is_named(handler, came) -> None:
    assert checked(handler)["delay"].came == came


def test_the_command_shows_an_example_and_counts_two_groups() -> None:
    with servers.served(Beginning) as url:
        done = hostlab("check", url)
    assert "Missing of what a guest must do: 1. Of what would be better:" in done.stdout
    assert '-d \'{"text": "An utterly charming film."}\'' in done.stdout
