"""The demo for programs: each endpoint of demo/README.md, called with gradio_client."""

import gradio_client
import pytest

from deployments import METHODS, get

from .conftest import open_demo


@pytest.fixture(scope="module")
def client():
    with open_demo() as demo:
        client = gradio_client.Client(demo.url, verbose=False)
        yield client
        client.close()
        get("in-process").stop()


def test_every_endpoint_is_documented_and_works(client):
    assert set(client.view_api(print_info=False, return_format="dict")["named_endpoints"]) == {"/status", "/start", "/stop", "/ask", "/measure"}

    assert client.predict("in-process", api_name="/start")["state"] == "running"
    status = {one["method"]: one for one in client.predict(api_name="/status")}
    assert list(status) == list(METHODS)
    assert status["in-process"]["url"] == get("in-process").url

    (answer,) = client.predict("An utterly charming film.", api_name="/ask")
    assert (answer["method"], answer["label"], answer["error"]) == ("in-process", "POSITIVE", None)

    (row,) = client.predict("An utterly charming film.", 5, api_name="/measure")
    assert row["count"] == 5
    assert sum(row["parts_ms"].values()) == pytest.approx(row["mean_ms"])

    assert client.predict("in-process", api_name="/stop")["state"] == "stopped"


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/start", ["mainframe"], "no method 'mainframe'"),
        ("/ask", ["   "], "no text yet"),
        ("/measure", ["fine", 0], "from 1 to 1000"),
    ],
)
def test_errors_are_sentences(client, endpoint, arguments, sentence):
    with pytest.raises(gradio_client.exceptions.AppError, match=sentence):
        client.predict(*arguments, api_name=endpoint)
