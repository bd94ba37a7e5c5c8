"""Kill the model again and again under load, with two replicas: is a request lost?

Twenty users ask for two minutes. One of the two models is killed every ten seconds, or later if the
last one is not back by then: Kubernetes waits longer before each restart of a container that
crashed before. docs/measured.md has the result: the requests that got no prediction, and how long
only one replica was ready.
"""

import time

from hostlab import get
from hostlab.deployment import Deployment
from hostlab.measure.load.isolated import IsolatedLoad

USERS, SECONDS, KILL_EVERY_S, REPLICAS = 20, 120, 10, 2
POLL_S = 0.2


def main() -> None:
    """Measure docker and kubernetes, and print a table."""
    print("| method | requests | lost | kills | p99 ms | one replica, s |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for method in ("docker", "kubernetes"):
        with get(method).start() as service:
            service.scale(REPLICAS)
            print(f"| {method} | {measure(service)} |", flush=True)


def measure(service: Deployment) -> str:
    """Return the cells of a method's row."""
    assert service.url
    kills, weak_s = 0, 0.0
    with IsolatedLoad(service.url, "closed", USERS) as load:
        began = last = killed = time.monotonic()
        while (now := time.monotonic()) < began + SECONDS:
            full = ready(service) == REPLICAS
            weak_s += 0 if full else now - last
            last = now
            if full and now - killed >= KILL_EVERY_S:
                service.kill()
                kills, killed = kills + 1, now
            time.sleep(POLL_S)
    lost = [one for one in load.samples if one.status != 200]
    latencies_ms = sorted(one.latency_ms for one in load.samples if one.status == 200)
    p99_ms = latencies_ms[int(0.99 * len(latencies_ms))]
    return f"{len(load.samples):,} | {len(lost)} | {kills} | {p99_ms:,.0f} | {weak_s:.0f}"


def ready(service: Deployment) -> int:
    """Return how many replicas of the model can answer."""
    components = service.components()
    return sum(one.role == "model" and one.state == "running" for one in components)


if __name__ == "__main__":
    main()
