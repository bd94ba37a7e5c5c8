"""The generator tells the truth about servers that are known, stalls included, and agrees with an
independent one.
"""

import json
import re
import shutil
import statistics
import subprocess
import time

import numpy as np
import pytest

from hostlab.errors import BadInput
from hostlab.measure.load.connection import requests_for
from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.measure.load.texts import TEXTS
from tests.measure.load.servers import at_a_quiet_moment, delays_ms, known_delay


def run(load, seconds: float):
    with load:
        time.sleep(seconds)
    return load


@pytest.mark.parametrize("arrivals", ["poisson", "constant"])
@at_a_quiet_moment
def test_percentiles_of_a_known_delay(arrivals: str):
    """A request waits for a core four times: to be sent, received, answered, and received back.

    The server knows the third of these waits, because its own timer is late by it. So the machine's
    noise is in both sides: if each wait is long for 1 % of the requests, about 4 % meet a long one.
    """
    with known_delay(delay_ms=60, jitter_ms=5) as server:
        load = run(OpenLoad(server.url, rate_per_s=100, arrivals=arrivals), 4)
    assert all(sample.status == 200 for sample in load.samples)
    samples = [sample for sample in load.samples if sample.due_s > 0.5]
    latencies = np.array([sample.latency_ms for sample in samples])
    planned, held = np.array([delays_ms(sample.server_timing) for sample in samples]).T
    assert (latencies > held).all()
    assert np.percentile(latencies - held, 5) < 0.03 * 60, "some requests wait for no core"
    for percent, z in ((50, 0.0), (95, 1.645)):
        known_ms = 60 + 5 * z
        wait_ms = np.percentile(held - planned, 100 - (100 - percent) / 4)
        assert np.percentile(planned, percent) == pytest.approx(known_ms, rel=0.05)
        assert np.percentile(latencies - planned, percent) < 0.03 * known_ms + 2 * wait_ms


@at_a_quiet_moment
def test_a_stall_is_counted_from_when_requests_were_due():
    """The server hangs for 1 s of 5: of the requests due in that second, each waits for the rest of
    it, as a user would.
    """
    with known_delay(delay_ms=10, stall_at_s=2, stall_s=1) as server:
        load = run(OpenLoad(server.url, rate_per_s=100, arrivals="constant"), 5)
    latencies = [sample.latency_ms for sample in load.samples]
    # a fifth of all requests waits, evenly spread over 10 ms to 1 s: above p80 the percentiles rise
    # in a straight line
    for percent, expected_ms in (
        (90, 1000 * (1 - 0.1 / 0.2)),
        (95, 1000 * (1 - 0.05 / 0.2)),
        (98, 1000 * (1 - 0.02 / 0.2)),
    ):
        assert np.percentile(latencies, percent) == pytest.approx(expected_ms, rel=0.05)


def test_a_closed_loop_does_not_see_the_stall():
    """Which is why latency under load is never taken from it: its users wait, and send nothing
    meanwhile.
    """
    with known_delay(delay_ms=10, stall_at_s=1, stall_s=1) as server:
        load = run(ClosedLoad(server.url, users=4), 4)
    latencies = [sample.latency_ms for sample in load.samples]
    assert np.percentile(latencies, 98) < 100
    assert max(latencies) > 900


@at_a_quiet_moment
def test_arrivals_are_what_they_are_called():
    with known_delay() as server:
        regular = run(OpenLoad(server.url, rate_per_s=200, arrivals="constant"), 2).samples
        by_chance = run(OpenLoad(server.url, rate_per_s=200, arrivals="poisson"), 2).samples
    gaps = [np.diff([sample.due_s for sample in samples]) for samples in (regular, by_chance)]
    assert statistics.stdev(gaps[0]) < 1e-6 and len(regular) == pytest.approx(400, rel=0.1)
    assert statistics.stdev(gaps[1]) / statistics.mean(gaps[1]) == pytest.approx(1, abs=0.2), (
        "exponential gaps: deviation equals mean"
    )


def test_what_fails_is_kept_as_lost():
    with known_delay(fails_after=20) as server:
        load = run(OpenLoad(server.url, rate_per_s=100, arrivals="constant"), 1)
    assert [sample.status for sample in load.samples][:20] == [200] * 20 and {
        sample.status for sample in load.samples[20:]
    } == {503}
    gone = run(OpenLoad(server.url, rate_per_s=50), 0.5)
    assert gone.samples and {sample.status for sample in gone.samples} == {None}


@at_a_quiet_moment
def test_late_answers_time_out():
    with known_delay(delay_ms=2000) as server:
        load = run(OpenLoad(server.url, rate_per_s=20, timeout_s=0.3), 1)
    assert {sample.status for sample in load.samples} == {None}
    assert 300 <= min(sample.latency_ms for sample in load.samples) < 600


def test_load_on_a_paid_provider_is_refused(monkeypatch: pytest.MonkeyPatch):
    def paid(url, texts, spend):
        if not spend:
            raise BadInput("costs money")

    monkeypatch.setattr("hostlab.measure.load.generator.check_spending", paid)
    with pytest.raises(BadInput):
        OpenLoad("http://127.0.0.1:9").start()
    OpenLoad("http://127.0.0.1:9", spend=True).start().stop()


@at_a_quiet_moment
def test_throughput_agrees_with_wrk(tmp_path):
    """On a server that is bounded by its own delay, in turn, so that two cores full of tests do not
    decide: 8 users, 50 ms each.
    """
    if not shutil.which("wrk"):
        pytest.skip("needs wrk (Debian: apt install wrk)")
    script = tmp_path / "post.lua"
    body = json.dumps({"text": TEXTS[0]})
    script.write_text(
        f"wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = "
        "'application/json'\n"
    )
    ours, theirs = [], []
    with known_delay(delay_ms=50) as server:
        for _ in range(3):
            load = run(ClosedLoad(server.url, users=8), 2)
            ours.append(
                sum(sample.status == 200 for sample in load.samples)
                / max(sample.due_s for sample in load.samples)
            )
            said = subprocess.run(
                ["wrk", "-t1", "-c8", "-d2s", "-s", str(script), server.url + "/predict"],
                capture_output=True,
                text=True,
                timeout=30,
            ).stdout
            theirs.append(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]))
    assert statistics.median(ours) == pytest.approx(statistics.median(theirs), rel=0.1)


def test_requests_are_whole():
    (request,) = requests_for("http://127.0.0.1:5000", ["naïve"])
    head, _, body = request.partition(b"\r\n\r\n")
    assert json.loads(body) == {"text": "naïve"} and f"Content-Length: {len(body)}".encode() in head
