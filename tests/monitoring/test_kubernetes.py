"""Prometheus in the cluster, as the overlay starts it: it finds each pod by asking the API server,
with the rights that the overlay gives it, and notices one that does not respond.

Debian builds its Prometheus without the discovery of pods. So vmagent, also from Debian, does that
part here, with the overlay's own configuration and service account, and hands what it finds to
Prometheus in the same pod, which evaluates the rules.
"""

import copy
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import yaml

from hostlab import get
from hostlab.methods.kubernetes import cluster, image_loading
from hostlab.methods.kubernetes.deployment import Kubernetes
from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.runtime.paths import COURSE
from tests.conftest import fail_if_running, require
from tests.monitoring.image import prometheus_image
from tests.monitoring.watching import (
    RECORDED,
    Prometheus,
    dashboard_queries,
    quick,
    until,
    until_firing,
    until_quiet,
)

pytestmark = [pytest.mark.kubernetes, pytest.mark.prometheus]
OVERLAY = COURSE / "kubernetes" / "overlays" / "monitoring"
PROXY = "/api/v1/namespaces/hosting-lab/services/prometheus:9090/proxy"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for tool in ("docker", "kubernetes", "prometheus"):
        require(tool)
    require("vmagent", named="prometheus")
    with prometheus_image(tmp_path_factory.mktemp("image")) as image:
        image_loading.load(cluster.choose().kubectl, [image], print)
        yield image


@pytest.fixture(scope="module")
def service(image: str) -> Iterator[Kubernetes]:
    """A run, which leaves nothing behind when it ends, of Prometheus neither."""
    fail_if_running("kubernetes")
    deployment: Kubernetes = get("kubernetes").start()
    yield deployment
    kubectl = cluster.choose().kubectl
    deployment.stop()
    assert kubectl("get", "namespaces", "hosting-lab", "--ignore-not-found", "--output=name") == ""


@pytest.fixture(scope="module")
def kubectl() -> Kubectl:
    return cluster.choose().kubectl


@pytest.fixture(scope="module")
def prometheus(service: Kubernetes, kubectl: Kubectl, image: str) -> Prometheus:
    objects = [
        one
        for one in yaml.safe_load_all(kubectl("kustomize", str(OVERLAY)))
        if one["metadata"]["name"] != "grafana"  # there is no image of it here
    ]
    for one in objects:
        if one["kind"] == "ConfigMap":
            one["data"] = {name: quick(text) for name, text in one["data"].items()}
        if one["kind"] == "Deployment":
            _with_vmagent(one["spec"]["template"]["spec"], image)
    _split_configuration(objects)
    kubectl.apply(objects)
    kubectl("rollout", "status", "deployment/prometheus", "--timeout=120s", timeout_s=130)

    def ask(path: str, parameters: dict[str, str]) -> str:
        return kubectl("get", "--raw", f"{PROXY}{path}?{urlencode(parameters)}")

    return Prometheus(ask)


def _with_vmagent(pod: KubernetesObject, image: str) -> None:
    """Let the pod run the image of the tests, and vmagent beside Prometheus."""
    (container,) = pod["containers"]
    container |= {"image": image}
    container["args"].append("--web.enable-remote-write-receiver")
    agent = copy.deepcopy(container)
    for probe in ("readinessProbe", "livenessProbe", "ports"):
        del agent[probe]
    agent |= {
        "name": "vmagent",
        "command": ["/bin/vmagent"],
        "args": [
            "-promscrape.config=/etc/prometheus/pods.yml",
            "-promscrape.kubernetesSDCheckInterval=1s",
            "-remoteWrite.url=http://127.0.0.1:9090/api/v1/write",
            "-remoteWrite.flushInterval=200ms",
            "-remoteWrite.tmpDataPath=/prometheus/vmagent",
        ],
    }
    pod["containers"].append(agent)


def _split_configuration(objects: list[KubernetesObject]) -> None:
    """Give vmagent the part about pods, and Prometheus the rest."""
    (config,) = (one for one in objects if one["metadata"]["name"].startswith("prometheus-config"))
    configuration = yaml.safe_load(config["data"]["prometheus.yml"])
    pods = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": configuration.pop("scrape_configs"),
    }
    config["data"] = {
        "prometheus.yml": yaml.safe_dump(configuration),
        "pods.yml": yaml.safe_dump(pods),
    }


def pods_up(prometheus: Prometheus, service: Kubernetes) -> None:
    """Wait until Prometheus has the metrics of each pod of the method, and of no other."""

    def found() -> bool:
        names = {one.name for one in service.components()}
        return {*prometheus.up("model-service"), *prometheus.up("api-service")} == names

    until(found, lambda: (service.components(), prometheus.query("up")))


def test_pods_are_found_when_they_are_added_and_missed_when_they_hang(
    service: Kubernetes, prometheus: Prometheus, kubectl: Kubectl
) -> None:
    pods_up(prometheus, service)
    assert len(prometheus.up("model-service")) == 2
    expected = {name: RECORDED[name] for name in ("recording.yml", "alerts.yml")}
    until(lambda: prometheus.rules() == expected, prometheus.rules)
    service.scale(3)
    pods_up(prometheus, service)
    nodes = {one["metric"]["node"] for one in prometheus.query("up == 1")}
    assert nodes <= set(kubectl("get", "nodes", "--output=name").replace("node/", "").split())
    until_quiet(prometheus)

    hung = prometheus.up("model-service")[0]
    service.supervisor.suspend(hung)
    try:
        until_firing(prometheus, ("ReplicaDown", "model-service"))
        alerts = prometheus.query('ALERTS{alertname="ReplicaDown",alertstate="firing"}')
        assert [one["metric"]["instance"] for one in alerts] == [hung]
    finally:
        kubectl("exec", hung, "--", "sh", "-c", "kill -CONT -1")
    until_quiet(prometheus)


def test_the_dashboard_has_answers(service: Kubernetes, prometheus: Prometheus) -> None:
    expected = [one for one in dashboard_queries() if one != 'ALERTS{alertstate="firing"}']

    def without_answer() -> list[str]:
        service.predict(["fine"] * 4)
        return [one for one in expected if not prometheus.query(one)]

    until(lambda: not without_answer(), without_answer)


def test_prometheus_may_list_pods_and_read_no_secrets(
    prometheus: Prometheus, kubectl: Kubectl
) -> None:
    account = "--as=system:serviceaccount:hosting-lab:prometheus"
    rights = kubectl("auth", "can-i", "--list", account, "--no-headers")
    named = [line.split() for line in rights.splitlines() if not line.startswith(" ")]
    granted = {row[0]: row[-3:] for row in named if not row[0].endswith(".k8s.io")}
    assert granted == {"pods": ["[get", "list", "watch]"]}


def test_the_cluster_accepts_the_whole_overlay_without_a_warning(
    service: Kubernetes, kubectl: Kubectl
) -> None:
    """Grafana, too: its pods would keep to the namespace's Pod Security Standard."""
    options = ("--dry-run=server", "--warnings-as-errors", "--kustomize", str(OVERLAY))
    assert "deployment.apps/grafana created" in kubectl("apply", *options)
