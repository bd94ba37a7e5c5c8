"""The page names the engine of each method where it is known, in both languages."""

import pytest

from demo.board import Board, Card
from demo.tabs.compare.comparison import Comparison, MethodRow
from demo.tabs.compare.view import results
from demo.tabs.services.view import card
from demo.texts import texts_in
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.types import Status

URL = "http://127.0.0.1:1234"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_row_of_compare(language):
    texts = texts_in(language)
    rows = [
        MethodRow(name, [MeasuredPrediction(name, "a text", "POSITIVE", 0.9, 10.0)], engine=engine)
        for name, engine in (("docker", "openvino"), ("api", None))
    ]
    page = results(Comparison(["a text"], 2, rows, "done"), texts)
    assert page.count(f'title="{texts("table.engine")}"') == 1
    assert ">openvino</span></span></th>" in page


@pytest.mark.parametrize(("language", "shown"), [("en", "engine onnx"), ("ru", "движок onnx")])
def test_a_card_of_services(language, shown):
    texts = texts_in(language)
    running = Status("docker", "running", URL, engine="onnx")
    assert shown in card(Card("docker", running), texts)
    unknown = card(Card("api", Status("api", "running", URL)), texts)
    assert shown.split()[0] not in unknown


def test_an_endpoint_knows_its_engine(monkeypatch):
    board = Board()
    running = Status("docker", "running", URL, engine="onnx")
    monkeypatch.setitem(board._poller._statuses, "docker", running)
    monkeypatch.setattr(board._poller, "read", lambda components: None)
    [endpoint] = board.endpoints()
    assert (endpoint.method, endpoint.url, endpoint.engine) == ("docker", URL, "onnx")
    board._poller.close()
