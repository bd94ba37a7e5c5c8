"""The demo for programs: each endpoint of demo/README.md, called with gradio_client."""

import csv
import io
import time
from pathlib import Path

import gradio_client
import pytest

from hostlab import METHODS, get
from tests.open_demo import open_demo

ENDPOINTS = {
    "autoscale",
    "status",
    "start",
    "stop",
    "scale",
    "kill",
    "parts",
    "logs",
    "ask",
    "measure",
    "history",
    "history_csv",
    "load",
    "table",
    "report",
}


@pytest.fixture(scope="module")
def demo():
    with open_demo() as demo:
        yield demo
        get("in-process").stop()


@pytest.fixture(scope="module")
def client(demo):
    client = gradio_client.Client(demo.url, verbose=False)
    yield client
    client.close()


def test_every_endpoint_is_documented(client):
    assert {
        name.removeprefix("/")
        for name in client.view_api(print_info=False, return_format="dict")["named_endpoints"]
    } == ENDPOINTS
    readme = (Path(__file__).parents[2] / "demo" / "README.md").read_text(encoding="utf-8")
    assert [name for name in ENDPOINTS if f"`/{name}`" not in readme] == []


def test_every_endpoint_works(client):
    assert client.predict("in-process", api_name="/start")["state"] == "running"
    status = {one["method"]: one for one in client.predict(api_name="/status")}
    assert list(status) == list(METHODS)
    assert status["in-process"]["url"] == get("in-process").url
    (part,) = client.predict("in-process", api_name="/parts")
    assert (part["kind"], part["state"], part["id"]) == (
        "process",
        "running",
        get("in-process").components()[0].id,
    )
    assert "service" in client.predict("in-process", 5, api_name="/logs")

    (answer,) = client.predict("An utterly charming film.", api_name="/ask")
    assert (answer["method"], answer["label"], answer["error"]) == ("in-process", "POSITIVE", None)
    labels = [
        one["label"]
        for one in client.predict(
            "An utterly charming film.\nI hated every minute.", api_name="/ask"
        )
    ]
    assert labels == ["POSITIVE", "NEGATIVE"]

    (row,) = client.predict("An utterly charming film.", 5, api_name="/measure")
    assert row["count"] == 5
    assert sum(row["parts_ms"].values()) == pytest.approx(row["mean_ms"])
    assert row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]

    assert client.predict("in-process", api_name="/kill")["state"] == "failed"
    assert client.predict("in-process", api_name="/start")["state"] == "running"
    loaded = client.predict(["in-process"], "closed", 4, 2, api_name="/load")
    assert loaded["state"] == "ended"
    (phase,) = loaded["rows"][0]["phases"]
    assert phase["figures"]["sent"] > 0 and phase["figures"]["lost"] == 0
    assert sum(one["per_s"] for one in loaded["rows"][0]["seconds"]) == pytest.approx(
        2 * phase["figures"]["per_s"], rel=0.3
    )

    going_on = client.submit(["in-process"], "open", 20, 300, api_name="/load")
    while not going_on.outputs() or not any(
        row["seconds"] for row in going_on.outputs()[-1]["rows"]
    ):
        time.sleep(0.2)
    assert going_on.cancel()
    (after,) = [
        client.predict(["in-process"], "open", 20, 1, api_name="/load")
    ]  # its turn comes only if the first was stopped
    assert after["state"] == "ended"

    table = client.predict(api_name="/table")
    assert len(table["marks"]) == len(METHODS) * len(table["rules"]) == 25
    report = client.predict("ru", api_name="/report")
    assert report["html"].startswith("<!doctype html>") and 'lang="ru"' in report["html"]
    assert report["data"]["questions"] == client.predict(api_name="/history")
    assert [load["state"] for load in report["data"]["loads"]] == ["ended"] * 3
    assert report["data"]["table"] == table

    assert client.predict("in-process", api_name="/stop")["state"] == "stopped"


def test_clients_at_the_same_time_have_their_own_history(demo, client):
    client.predict("in-process", api_name="/start")
    other = gradio_client.Client(demo.url, verbose=False)
    jobs = [
        (one, text, one.submit(text, api_name="/ask"))
        for one, text in ((client, "my own text"), (other, "your own text"))
        for _ in range(3)
    ]
    assert all(job.result()[0]["text"] == text for _, text, job in jobs)
    mine, yours = (one.predict(api_name="/history") for one in (client, other))
    assert [question["texts"] for question in yours] == [["your own text"]] * 3
    assert "your own text" not in str(mine)
    assert mine[-1]["texts"] == ["my own text"]
    lines = list(csv.DictReader(io.StringIO(other.predict(api_name="/history_csv"), newline="")))
    assert [(line["text"], line["asked"]) for line in lines] == [("your own text", "at_once")] * 3
    other.close()


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/start", ["mainframe"], "no method 'mainframe'"),
        ("/parts", ["mainframe"], "no method 'mainframe'"),
        ("/ask", ["   "], "no text to classify"),
        ("/measure", ["fine", 0], "from 1 to 1000"),
        ("/scale", ["docker", 99], "from 1 to 5"),
        ("/scale", ["api", 2], "cannot be scaled"),
        ("/autoscale", ["docker"], "docker has no autoscaler"),
        ("/kill", ["separate-process", "nothing"], "no running process"),
        ("/logs", ["api", 0], "from 1 to 1000"),
        ("/load", [["in-process"], "open", 1e6], "is not possible"),
        ("/load", [[]], "no method"),
        ("/report", ["xx"], "no language 'xx'"),
    ],
)
def test_errors_are_sentences(client, endpoint, arguments, sentence):
    with pytest.raises(gradio_client.exceptions.AppError, match=sentence):
        client.predict(*arguments, api_name=endpoint)
