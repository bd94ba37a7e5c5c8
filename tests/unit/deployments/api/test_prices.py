"""The price table, the costs, and the check before much money is spent."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployments.api.prices import SHIPPED, Price, TokenUsage, price_of, read_prices
from hostlab.errors import BadInput
from hostlab.measure.comparison import measure_in_turn
from hostlab.measure.load.generator import ClosedLoad
from hostlab.methods.api.spending import check_spending


def test_the_shipped_table_charges_play_money_only() -> None:
    prices = read_prices(SHIPPED)
    assert prices and not any(price.is_money for price in prices.values())
    assert (
        price_of("stand-in/hosting-lab-sentiment", prices)
        and price_of("gpt-6-luna", prices) is None
    )


def test_sums() -> None:
    usage = TokenUsage(1_000_000, 0) + TokenUsage(500_000, 100_000)
    assert Price(2.0, 10.0).of(usage) == pytest.approx(4.0)
    prices = {"gpt-6-luna-mini": Price(1, 1), "gpt-6-*": Price(2, 2)}
    assert (
        price_of("gpt-6-luna-mini", prices).input == 1 and price_of("gpt-6-luna", prices).input == 2
    )


@pytest.mark.parametrize(
    "text",
    [
        "input = 1",
        '["m"]\ninput = 1',
        '["m"]\ninput = -1\noutput = 1',
        '["m"]\ninput = "1"\noutput = 1',
        '["m"]\ninput = 1\noutput = 1\ncurrency = "€"',
        "[",
    ],
)
def test_a_table_that_cannot_be_used(text: str, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(ValueError, match=r"prices\.toml cannot be used"):
        read_prices(tmp_path / "prices.toml")


@pytest.fixture
def service() -> Iterator[Callable[[dict | None], str]]:
    """A service whose /provider says what the test wants; None: it has none."""
    servers = []

    def start(state: dict | None) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(404 if state is None else 200)
                self.end_headers()
                self.wfile.write(json.dumps(state).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


PAID = {
    "provider": "api.openai.com",
    "paid": True,
    "model": "gpt-6-luna",
    "texts": 0,
    "uncounted_texts": 0,
    "input_tokens": 0,
    "output_tokens": 0,
}


def test_free_services_pass(service: Callable[[dict | None], str]) -> None:
    check_spending(service(None), 1000)
    check_spending(service(PAID | {"paid": False}), 1000)
    check_spending("http://127.0.0.1:9", 1000)


def test_paid_services_are_refused_and_the_cost_is_told(
    service: Callable[[dict | None], str],
) -> None:
    priced = {"price_per_million": {"input": 1.0, "output": 10.0}, "currency": "USD"}
    counted = {"texts": 30, "uncounted_texts": 20, "input_tokens": 500, "output_tokens": 50}
    url = service(PAID | priced | counted)
    with pytest.raises(
        BadInput,
        match=r"1000 texts to api\.openai\.com .*0\.0001000 USD a text, "
        r"0\.1000 USD in all.*--spend",
    ):
        check_spending(url, 1000)
    with pytest.raises(BadInput, match="unknown number of texts"):
        check_spending(url, None)
    check_spending(url, 1000, spend=True)
    with pytest.raises(BadInput, match="no price for gpt-6-luna"):
        check_spending(service(PAID | {"price_per_million": None, "currency": None}), 10)


def test_load_and_repeats_ask_the_guard(service: Callable[[dict | None], str]) -> None:
    class Paid:
        method = "api"
        url = service(PAID | {"price_per_million": None, "currency": None})

    with pytest.raises(BadInput, match="--spend"), ClosedLoad(Paid.url, users=2, timeout_s=30):
        pass
    [refused] = measure_in_turn([Paid()], "good", repeats=20)
    assert "20 texts" in refused.error and "--spend" in refused.error
    [asked] = measure_in_turn([Paid()], "good", repeats=1)
    assert "--spend" not in asked.error, "one text is asked for, and this service has no /predict"
    [asked] = measure_in_turn([Paid()], "good", repeats=20, spend=True)
    assert "--spend" not in asked.error
