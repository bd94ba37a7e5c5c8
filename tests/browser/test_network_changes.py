"""A network that comes or goes costs a page of the tests no request."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docker
import pytest

from tests.browser import without_network_changes

REQUESTS = """async () => {
  let failed = 0
  const ask = async () => { while (!window.over) await fetch("/").catch(() => failed++) }
  await Promise.all(Array.from({length: 20}, ask))
  return failed
}"""


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.docker
def test_networks_that_come_and_go_cost_no_request(browser, server):
    client = docker.from_env()
    page = browser.new_page()
    page.goto(server)
    page.evaluate(f"void (window.failed = ({REQUESTS})())")
    for number in range(3):
        client.networks.create(f"hosting-lab-test-{number}").remove()
    assert page.evaluate("window.over = true, window.failed") == 0
    page.close()
    client.close()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of changes in this way")
@pytest.mark.parametrize(
    ("kind", "answer"),
    [("AF_NETLINK, socket.SOCK_RAW", "97"), ("AF_INET, socket.SOCK_STREAM", "None")],
    ids=["netlink", "TCP"],
)
def test_the_program_gets_no_netlink_socket(kind: str, answer: str) -> None:
    program = [sys.executable, without_network_changes.__file__, "-c"]
    code = f"""
import socket
try:
    socket.socket(socket.{kind})
    print(None)
except OSError as error:
    print(error.errno)
"""
    setting = {without_network_changes.PROGRAM: sys.executable}
    done = subprocess.run(
        [*program, code], env=os.environ | setting, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == answer
