"""The peers of peers.toml, the settings to try, and what a peer is sent and responds."""

import json

import httptools
import pytest

from benchmarks.kinds import HERE, Kind, kinds
from benchmarks.load import requests_to
from benchmarks.targets import QUIET, label_of
from hostlab.measure.load.connection import requests_for

KIND = Kind(
    "some",
    "Some",
    ["some==1"],
    ["some.py"],
    documented={"BATCH_SIZE": 4, "WAIT": 9, "WORKERS": 1},
    sweep={"BATCH_SIZE": [1, 4], "WAIT": [2, 9], "WORKERS": [1]},
    sweep_onnx={"BATCH_SIZE": [4], "WAIT": [9], "WORKERS": [1, 2]},
)


def test_peers_are_complete() -> None:
    for kind in kinds().values():
        stems = [part.partition(":")[0].removesuffix(".py") for part in kind.server]
        assert any((HERE / "servers" / f"{stem}.py").is_file() for stem in stems)
        assert all("==" in package for package in kind.packages), "a peer's version is exact"
        assert kind.sweep_onnx, "each peer runs the ONNX file, too"
        assert bool(kind.sweep) == bool(kind.documented)
        for setting in kind.settings(onnx=False):
            assert setting.keys() == kind.documented.keys()
        if kind.documented:
            assert kind.sweep_onnx.keys() == kind.documented.keys()


def test_the_documented_setting_is_first_and_no_setting_is_tried_twice() -> None:
    def setting(batch_size: int, wait: int, workers: int = 1) -> dict[str, int]:
        return {"BATCH_SIZE": batch_size, "WAIT": wait, "WORKERS": workers}

    assert list(KIND.settings(onnx=False)) == [setting(4, 9), setting(1, 2), setting(4, 2)]
    assert list(KIND.settings(onnx=True)) == [setting(4, 9), setting(4, 9, workers=2)]
    assert not list(Kind("simple", "Simple", [], []).settings(onnx=False))
    assert [KIND.result_name(onnx) for onnx in (False, True)] == ["some", "some onnx"]


def test_no_peer_sends_usage_data() -> None:
    assert {"DO_NOT_TRACK", "INFINITY_ANONYMOUS_USAGE_STATS", "ORT_DISABLE_TELEMETRY"} <= set(QUIET)


def test_requests_differ_from_ours_only_where_the_peer_says_so() -> None:
    url, texts = "http://127.0.0.1:8000", ["bad", ["good"]]
    assert requests_to(url, "/predict", "text", texts) == requests_for(url, texts)
    [request] = requests_to(url, "/classify", "input", [["ünder"]])
    bodies: list[bytes] = []

    class Protocol:
        def on_body(self, body: bytes) -> None:
            bodies.append(body)

    httptools.HttpRequestParser(Protocol()).feed_data(request)
    assert request.startswith(b"POST /classify HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n")
    assert json.loads(b"".join(bodies)) == {"input": ["ünder"]}


@pytest.mark.parametrize(
    "answer",
    [
        [{"label": "POSITIVE", "score": 0.6}],
        {"data": [[{"label": "NEGATIVE", "score": 0.4}, {"label": "POSITIVE", "score": 0.6}]]},
    ],
)
def test_the_label_of_a_response(answer: object) -> None:
    assert label_of(answer) == "POSITIVE"
