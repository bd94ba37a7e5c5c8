"""`hostlab measure load` and `limit` on a service by its address, such as that of a classmate."""

import json

from hostlab.runtime.ports import free_port
from tests.measure.load.servers import known_delay
from tests.programs import NO_TOOLS, hostlab


def test_a_load_on_an_address_and_one_where_nobody_responds() -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with known_delay(delay_ms=10) as server:
        address = server.url.removeprefix("http://")
        done = hostlab(
            *("measure", "load", address, nobody, "--users", "2", "--seconds", "2", "--json"),
            **NO_TOOLS,
        )
    assert done.returncode == 0, done.stderr
    here, away = json.loads(done.stdout)["rows"]
    assert here["method"] == address and here["error"] is None
    assert here["figures"]["sent"] > 20 and here["figures"]["lost"] == 0
    assert here["figures"]["p50_ms"]["value"] >= 10
    assert away["figures"] is None
    assert f"Nobody responds at http://{nobody}. Start the service" in away["error"]


def test_the_limit_of_an_address() -> None:
    with known_delay(delay_ms=5) as server:
        done = hostlab(
            *("measure", "limit", server.url, "--p95-ms", "500", "--seconds", "10", "--json"),
            **NO_TOOLS,
        )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["method"] == server.url and row["ending"] == "budget"
    assert row["held_per_s"] >= 20 and row["broke_per_s"] is None


def test_what_is_neither_a_method_nor_an_address_of_a_private_network() -> None:
    for name, sentence in (
        ("dokcer", "There is no method 'dokcer'"),
        ("http://8.8.8.8", "8.8.8.8 can't be used"),
        ("http://169.254.169.254/", "169.254.169.254 can't be used"),
    ):
        done = hostlab("measure", "load", name, "--users", "1", **NO_TOOLS)
        assert done.returncode == 2
        assert sentence in done.stderr, done.stderr
