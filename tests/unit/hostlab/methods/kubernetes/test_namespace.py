"""What is removed with a run, and what stays: the namespace, and what others put there."""

import json

import pytest

from hostlab.errors import Unavailable
from hostlab.methods.kubernetes import namespace
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.namespace import Namespace

RUN = "hosting-lab/run-id=111111111111"
EXISTS = {"get namespaces --field-selector": "namespace/hosting-lab", "get pods": '{"items": []}'}


def remove(stand_ins, in_it: str, in_default: str) -> list[str]:
    stand_ins.add(
        "kubectl",
        answers=EXISTS
        | {"--namespace default": in_default, "get all,configmaps": in_it}
        | {"get namespaces hosting-lab": ""},
    )
    Namespace(Kubectl("minikube")).remove(RUN)
    return [call.partition("--namespace hosting-lab ")[2] for call in stand_ins.calls]


@pytest.mark.parametrize(
    "in_it",
    [
        "",
        "configmap/kube-root-ca.crt",
        "configmap/kube-root-ca.crt configmap/istio-ca-root-cert",
        "configmap/openshift-service-ca.crt secret/pull-secret",
    ],
)
def test_what_controllers_put_into_every_namespace_does_not_keep_it(stand_ins, in_it):
    in_default = (
        "configmap/kube-root-ca.crt configmap/istio-ca-root-cert "
        "configmap/openshift-service-ca.crt secret/pull-secret"
    )
    calls = remove(stand_ins, in_it.replace(" ", "\n"), in_default.replace(" ", "\n"))
    assert "delete namespace hosting-lab --wait=false" in calls


@pytest.mark.parametrize(
    "in_it", ["configmap/someone-elses", "secret/token", "pod/x", "deployment.apps/other"]
)
def test_what_somebody_put_there_keeps_it(stand_ins, in_it):
    calls = remove(stand_ins, in_it, "configmap/kube-root-ca.crt")
    assert not [call for call in calls if call.startswith("delete namespace")]


def test_an_overlay_that_a_person_applied_goes_with_the_run(stand_ins):
    calls = remove(stand_ins, "", "")
    overlay = "--selector app.kubernetes.io/part-of=hosting-lab,!hosting-lab/run-id"
    assert (
        f"delete horizontalpodautoscalers,poddisruptionbudgets,networkpolicies {overlay}" in calls
    )
    assert all(f"--selector {RUN}" in call for call in calls if call.startswith("delete deploy"))


def test_monitoring_that_a_person_applied_goes_with_the_run(stand_ins):
    selector = "app.kubernetes.io/part-of=hosting-lab,app.kubernetes.io/component=monitoring"
    stand_ins.add(
        "kubectl",
        answers={f"get deployments --selector {selector}": "deployment.apps/prometheus"}
        | EXISTS
        | {"get all,configmaps": "", "get namespaces hosting-lab": ""},
    )
    Namespace(Kubectl("lab")).remove(RUN)
    calls = [call.partition("--namespace hosting-lab ")[2] for call in stand_ins.calls]
    assert f"delete deployments,replicasets --selector {selector} --cascade=orphan" in calls
    assert f"delete {namespace.MONITORING_KINDS} --selector {selector}" in calls
    assert [call for call in calls if call.startswith(f"get pods --selector {selector}")]
    assert "delete namespace hosting-lab --wait=false" in calls


@pytest.mark.parametrize("action", ["apply", "remove"])
def test_a_namespace_that_stays_in_terminating_says_what_keeps_it(stand_ins, monkeypatch, action):
    monkeypatch.setattr(namespace, "REMOVE_TIMEOUT_S", 0.0)
    message = "Some content in the namespace has finalizers remaining: example.com/x in 1 resource"
    conditions = [
        {"type": "NamespaceContentRemaining", "status": "True", "message": message},
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "All fine"},
    ]
    stand_ins.add(
        "kubectl",
        answers=EXISTS
        | {
            "jsonpath={.status.phase}": "Terminating",
            "get namespaces hosting-lab --ignore-not-found": "namespace/hosting-lab",
            "get namespaces hosting-lab": json.dumps({"status": {"conditions": conditions}}),
            "get deployments": '{"items": []}',
        },
    )
    place = Namespace(Kubectl("minikube"))
    with pytest.raises(Unavailable, match="finalizers remaining") as error:
        place.apply([]) if action == "apply" else place.remove(RUN)
    assert "apiservices" in str(error.value) and "All fine" not in str(error.value)
