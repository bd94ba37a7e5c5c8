"""Check whether a service follows the HTTP contract, and name each difference.

The checks are those of tests/contract that a stranger's service can be asked for: nothing here
knows its model, its log, or its processes.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from deployments.services import server_timing
from deployments.services.contract import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from deployments.services.prediction import Prediction
from hostlab.guests.findings import Finding
from hostlab.guests.probe import (
    JSON,
    Difference,
    Probe,
    excerpt,
    require_fields,
    require_problem,
    require_status,
    text_of,
)

TIME_LIMIT_S = 30.0  # for all checks, however slowly a service responds
TEXTS = ["An utterly charming film.", "I hated every minute.", "It was fun."]
# To measure a delay, which all requests over a connection have after the first one
KEPT_REQUESTS, FRESH_REQUESTS, MAX_DELAY_MS = 4, 3, 30.0
IDENTITY = ("method", "model", "engine", "run_id")


def check_contract(url: str) -> Iterator[Finding]:
    """Yield a finding for each check as it is made.

    Ends early where the service does not respond at all, or after TIME_LIMIT_S. The last finding
    then says so.
    """
    ends_at = time.monotonic() + TIME_LIMIT_S
    with closing(Probe(url)) as probe:
        for name, check in CHECKS.items():
            if time.monotonic() > ends_at:
                yield Finding("the_rest", "out_of_time", {"seconds": f"{TIME_LIMIT_S:g}"})
                return
            try:
                check(probe)
                yield Finding(name)
            except Difference as difference:
                yield Finding(name, difference.name, difference.values)
                if name == "responds":
                    return


def _responds(probe: Probe) -> None:
    probe.send("GET", "/health")


def _identity(path: str) -> Callable[[Probe], None]:
    def check(probe: Probe) -> None:
        response = probe.send("GET", path)
        require_status(response, 200)
        require_fields(response, IDENTITY)

    return check


def _one_text(probe: Probe) -> None:
    try:
        probe.predictions(TEXTS[0])
    except Difference as difference:
        if difference.name == "status" and probe.predict({"txt": TEXTS[0]}).status_code == 200:
            raise Difference("field_txt") from None
        raise


def _several_texts(probe: Probe) -> None:
    probe.predictions(TEXTS)


def _predicted(probe: Probe, texts: str | list[str]) -> list[Prediction]:
    """Return predictions for a check of what they say. Another check says why there are none."""
    try:
        return probe.predictions(texts)
    except Difference as difference:
        raise Difference("no_predictions") from difference


def _order(probe: Probe) -> None:
    together = [one.label for one in _predicted(probe, TEXTS)]
    alone = [_predicted(probe, text)[0].label for text in TEXTS]
    if together != alone:
        raise Difference("order", together=", ".join(together), alone=", ".join(alone))


def _score_range(probe: Probe) -> None:
    """A model of one label is a regression, whose output may be any number."""
    found = _predicted(probe, TEXTS)
    outside = [one.score for one in found if one.score is not None and not 0 <= one.score <= 1]
    if outside and len({one.label for one in found}) > 1:
        raise Difference("score_range", score=f"{outside[0]:g}")


def _rejects(status: int, body: object) -> Callable[[Probe], None]:
    """Return the check that /predict responds with `status` to a JSON body."""
    what = json.dumps(body)
    what = f"POST /predict {what if len(what) < 40 else what[:40] + '…'}"

    def check(probe: Probe) -> None:
        probe.reject(status, probe.predict(body), what)

    return check


def _not_json(probe: Probe) -> None:
    probe.reject(400, probe.send("POST", "/predict", b'{"text": '), "POST /predict {")


def _media_type(probe: Probe) -> None:
    body, headers = b'{"text": "good"}', {"Content-Type": "text/plain"}
    probe.reject(415, probe.send("POST", "/predict", body, headers), "Content-Type: text/plain")


def _body_size(probe: Probe) -> None:
    body = b'{"text": "' + b"x" * MAX_BODY_BYTES + b'"}'
    probe.reject(413, probe.send("POST", "/predict", body), f"POST /predict, {len(body)} B")


def _unknown_path(probe: Probe) -> None:
    probe.reject(404, probe.send("GET", "/nothing"), "GET /nothing")


def _wrong_method(probe: Probe) -> None:
    response = probe.send("GET", "/predict")
    probe.reject(405, response, "GET /predict")
    if "POST" not in response.headers.get("Allow", ""):
        raise Difference("no_header", header="Allow")


def _problems(probe: Probe) -> None:
    if not probe.problems:
        raise Difference("no_problem")
    for what, response in probe.problems:
        require_problem(what, response)


def _request_id(probe: Probe) -> None:
    """The client's ID comes back; without one, or with one that is not valid, a new one is made."""
    made = {_request_id_for(probe, None) for _ in range(2)}
    if len(made) == 1:
        raise Difference("request_id", sent="∅, ∅", found=f"2 × {made.pop()}")
    for sent, is_kept in (("hostlab-check-1", True), ("no spaces, please", False)):
        found = _request_id_for(probe, sent)
        if (found == sent) != is_kept:
            raise Difference("request_id", sent=sent, found=found)


def _request_id_for(probe: Probe, sent: str | None) -> str:
    headers = JSON | ({"X-Request-ID": sent} if sent else {})
    found = probe.predict({"text": TEXTS[0]}, headers).headers.get("X-Request-ID")
    if not found:
        raise Difference("no_header", header="X-Request-ID")
    return excerpt(found)


def _server_timing(probe: Probe) -> None:
    header = probe.predict({"text": TEXTS[0]}).headers.get(server_timing.HEADER)
    if header is None:
        raise Difference("no_header", header=server_timing.HEADER)
    parts = server_timing.parse_timing(header)
    if server_timing.MODEL not in parts and server_timing.UPSTREAM not in parts:
        raise Difference("timing", found=excerpt(header))


def _metrics(probe: Probe) -> None:
    response = probe.send("GET", "/metrics")
    require_status(response, 200)
    if "hostlab_requests_total" not in text_of(response):
        raise Difference("no_metric")


def _openapi(probe: Probe) -> None:
    response = probe.send("GET", "/openapi.json")
    require_status(response, 200)
    paths = require_fields(response, ("openapi", "paths"))["paths"]
    if not isinstance(paths, dict) or "/predict" not in paths:
        raise Difference("no_path")


def _delay(probe: Probe) -> None:
    """A response in two packets waits for the client's delayed acknowledgment, as with Nagle's
    algorithm: about 40 ms for each request over a connection that is kept.
    """
    _duration_ms(probe)  # the first one over a connection does not wait
    kept = min(_duration_ms(probe) for _ in range(KEPT_REQUESTS))
    fresh = min(_fresh_ms(probe.url) for _ in range(FRESH_REQUESTS))
    if kept - fresh > MAX_DELAY_MS:
        raise Difference("delay", kept=f"{kept:.0f}", fresh=f"{fresh:.0f}")


def _duration_ms(probe: Probe) -> float:
    began = time.perf_counter()
    probe.predict({"text": TEXTS[0]})
    return (time.perf_counter() - began) * 1000


def _fresh_ms(url: str) -> float:
    with closing(Probe(url)) as probe:
        return _duration_ms(probe)


CHECKS: dict[str, Callable[[Probe], None]] = {
    "responds": _responds,
    "one_text": _one_text,
    "several_texts": _several_texts,
    "order": _order,
    "score_range": _score_range,
    "health": _identity("/health"),
    "ready": _identity("/ready"),
    "not_json": _not_json,
    "no_text": _rejects(422, {}),
    "wrong_type": _rejects(422, {"text": 5}),
    "empty_text": _rejects(422, {"text": ""}),
    "blank_text": _rejects(422, {"text": " \n"}),
    "empty_list": _rejects(422, {"text": []}),
    "unknown_field": _rejects(422, {"text": "good", "lang": "en"}),
    "long_text": _rejects(422, {"text": "x" * (MAX_CHARACTERS + 1)}),
    "many_texts": _rejects(422, {"text": ["x"] * (MAX_TEXTS + 1)}),
    "body_size": _body_size,
    "media_type": _media_type,
    "unknown_path": _unknown_path,
    "wrong_method": _wrong_method,
    "problems": _problems,
    "request_id": _request_id,
    "server_timing": _server_timing,
    "metrics": _metrics,
    "openapi": _openapi,
    "delay": _delay,
}
