"""kubectl's failures become ours: a cluster that is down differs from a request that it rejects."""

import shutil
import socket

import pytest

from hostlab import get
from hostlab.errors import RequestFailed, Unavailable
from hostlab.methods.kubernetes.kubectl import Kubectl, is_node_port_taken


@pytest.fixture
def dead():
    with socket.socket() as port:
        yield port


def test_the_context_and_the_namespace_are_always_named(stand_ins):
    stand_ins.add("kubectl", stdout="pod/x\n")
    assert Kubectl("minikube")("get", "pods") == "pod/x\n"
    assert stand_ins.calls == ["kubectl --context minikube --namespace hosting-lab get pods"]


@pytest.mark.parametrize(
    "message",
    [
        (
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right "
            "host or port?"
        ),
        "Unable to connect to the server: dial tcp: lookup k8s.example.com: no such host",
        "Unable to connect to the server: dial tcp 192.168.49.2:8443: i/o timeout",
        "Unable to connect to the server: net/http: TLS handshake timeout",
    ],
)
def test_a_cluster_that_is_down(stand_ins, message):
    stand_ins.add(
        "kubectl",
        stderr=f"E1123 17:32:03.005849 1599 memcache.go:265] noise\n{message}\n",
        status=1,
    )
    with pytest.raises(Unavailable, match=r"'minikube' does not answer.*minikube start") as error:
        Kubectl("minikube")("get", "pods")
    assert message in str(error.value) and "noise" not in str(error.value)


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("error: You must be logged in to the server (Unauthorized)", "log in to the cluster"),
        (
            "error: You must be logged in to the server (the server has asked for the client to "
            "provide credentials)",
            "log in to the cluster",
        ),
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate "
            "signed by unknown authority",
            "kind export kubeconfig",
        ),
        (
            "Unable to connect to the server: x509: certificate has expired or is not yet valid",
            "minikube update-context",
        ),
        (
            "Unable to connect to the server: getting credentials: exec: executable aws not found",
            "gets its credentials from",
        ),
        (
            "Unable to connect to the server: getting credentials: exec: executable gke failed "
            "with exit code 1",
            "gets its credentials from",
        ),
        ("Error from server (ServiceUnavailable): the server is unable to handle it", "Start it"),
    ],
)
def test_a_context_that_does_not_let_us_in(stand_ins, message, advice):
    stand_ins.add("kubectl", stderr=f"{message}\n", status=1)
    with pytest.raises(Unavailable) as error:
        Kubectl("minikube")("get", "pods")
    assert message in str(error.value) and advice in str(error.value)


@pytest.mark.parametrize("output", ["", "<html>", "Please log in:\n{}", "\xff"])
def test_an_answer_that_is_no_json(stand_ins, output):
    stand_ins.add("kubectl", stdout=output)
    with pytest.raises(Unavailable, match="no JSON"):
        Kubectl("minikube").json("get", "pods")


def test_a_kubectl_that_cannot_be_run(stand_ins):
    stand_ins.add("kubectl")
    (stand_ins._bin / "kubectl").write_bytes(b"\x7fELF of another machine")
    with pytest.raises(Unavailable, match="kubectl cannot be run"):
        Kubectl("minikube")("get", "pods")


def test_a_request_that_is_rejected(stand_ins):
    stand_ins.add(
        "kubectl",
        stderr='Error from server (Forbidden): pods is forbidden: User "x" cannot list\n',
        status=1,
    )
    with pytest.raises(RequestFailed, match=r"kubectl get failed.*cannot list") as error:
        Kubectl("minikube")("get", "pods")
    assert error.value.status == 403


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("Error from server (TooManyRequests): Cannot evict pod", 429),
        ('Error from server (NotFound): pods "x" not found', 404),
        ("Error from server (ANewReason): something", None),
        ("error: no objects passed to apply", None),
    ],
)
def test_the_servers_reason_becomes_a_status(stand_ins, message, status):
    stand_ins.add("kubectl", stderr=f"{message}\n", status=1)
    with pytest.raises(RequestFailed) as error:
        Kubectl("minikube")("get", "pods")
    assert error.value.status == status


def test_a_node_port_that_is_taken():
    message = "spec.ports[0].nodePort: Invalid value: 30500: provided port is already allocated"
    assert is_node_port_taken(RequestFailed("kubectl apply failed", message))
    assert not is_node_port_taken(RequestFailed("kubectl apply failed", "the port is invalid"))


def test_a_cluster_that_never_answers_delays_nobody(stand_ins, kubeconfig):
    stand_ins.add("kubectl")
    program = next(iter((stand_ins._bin).glob("kubectl.py")))
    program.write_text("import time\ntime.sleep(60)\n", "utf-8")
    with pytest.raises(Unavailable, match="no answer within 1 s"):
        Kubectl("minikube")("get", "pods", timeout_s=1)


def test_a_dead_port_in_the_kubeconfig(kubeconfig, dead):
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl")
    dead.bind(("127.0.0.1", 0))  # and nobody listens
    kubeconfig("minikube", minikube=f"https://127.0.0.1:{dead.getsockname()[1]}")
    service = get("kubernetes")
    status = service.status()
    assert (
        status.state == "unavailable"
        and "does not answer" in status.reason
        and "refused" in status.reason
    )
    for ask in (service.start, service.stop, lambda: service.scale(2), service.components):
        with pytest.raises(Unavailable, match="does not answer"):
            ask()
    service.forget()
    assert service.logs() == ""
    with pytest.raises(Unavailable, match="cannot be used now"):
        _ = service.url
