"""The pods' logs, as kubectl prints them, become one log for each pod."""

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.supervisor import PodSupervisor
from hostlab.types import ComponentLog

LOGS = """[pod/api-service-1/api] started
[pod/api-service-1/api] a line with [pod/x/y] and ] in it
[pod/model-service-1/model] loading
[pod/model-service-1/model]\x20
error: container "model" in pod "model-service-2" is waiting to start: ErrImagePull
"""


def test_each_pod_has_its_lines_and_kubectls_own_are_left_out(kubeconfig, stand_ins, monkeypatch):
    stand_ins.add("kubectl", stdout=LOGS)
    kubeconfig("lab", lab="https://127.0.0.1:6443")
    monkeypatch.setattr(Kubectl, "json", lambda *_, **__: {"items": []})
    assert PodSupervisor("kubernetes").component_logs(20) == [
        ComponentLog("api-service-1", ["started", "a line with [pod/x/y] and ] in it"]),
        ComponentLog("model-service-1", ["loading", ""]),
    ]
