"""A run belongs to whoever starts it: what stops with its owner, and what is only shown."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from hostlab import get
from hostlab.errors import HostingLabError
from hostlab.measure.load.generator import ClosedLoad
from hostlab.methods.kubernetes import manifests, rollout
from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import API
from hostlab.runtime.paths import ROOT
from tests.programs import hostlab

pytestmark = pytest.mark.kubernetes
WATCHDOG_S = 90
ON_TOP = manifests.FOLDER / "overlays"


def wait_until(what, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)


def tunnels() -> list[psutil.Process]:
    """The port-forwards that this test's home opened."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("HOSTLAB_HOME") == os.environ["HOSTLAB_HOME"]
            found += [process] if ours and "port-forward" in process.cmdline() else []
        except psutil.Error:
            continue
    return found


def test_what_a_python_started_ends_with_it_also_after_kill_9(kubectl: Kubectl, nothing_left):
    kubectl(
        "create", "namespace", "hosting-lab"
    )  # as an earlier run leaves it that was killed with its watchdog
    kubectl("label", "namespace", "hosting-lab", "hosting-lab/run-id=killed")
    code = (
        "import time; from hostlab import get; "
        "get('kubernetes').start(); print('up', flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout.readline() == "up\n"
    assert get("kubernetes").status().state == "running"
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    wait_until(lambda: not kubectl("get", "pods", "--output=name"), WATCHDOG_S)
    wait_until(lambda: get("kubernetes").status().state == "stopped", WATCHDOG_S)
    wait_until(
        lambda: (
            not kubectl("get", "namespaces", "hosting-lab", "--ignore-not-found", "--output=name")
        ),
        WATCHDOG_S,
    )


def test_what_a_person_applied_by_hand_is_shown_and_ends_only_when_named(
    kubectl: Kubectl, nothing_left
):
    service = get("kubernetes")
    kubectl("apply", "--kustomize", str(manifests.FOLDER))
    try:
        assert service.status().state in ("starting", "running")
        service.start()  # waits for it, and does not own it
        status = service.status()
        assert (status.state, status.run_id) == ("running", None)
        assert service.predict("I hated every minute.")[0].label == "NEGATIVE"
        done = hostlab("down", "--all")
        assert "started by hand and keeps running" in done.stdout
        assert service.status().state == "running"
        done = hostlab("down", "kubernetes")
        assert done.returncode == 0 and service.status().state == "stopped", done.stderr
    finally:
        service.stop()


def test_a_namespace_and_what_others_put_there_stay(kubectl: Kubectl, tmp_path):
    kubectl("create", "namespace", "hosting-lab")
    try:
        kubectl("create", "configmap", "someone-elses")
        assert hostlab("up", "kubernetes").returncode == 0
        run_id, somebody_else = get("kubernetes").status().run_id, {"HOSTLAB_HOME": str(tmp_path)}
        refused = hostlab("up", "kubernetes", **somebody_else)
        assert refused.returncode == 1 and "runs it in this cluster" in refused.stderr
        assert hostlab("down", "--all", **somebody_else).returncode == 0
        assert get("kubernetes").status().run_id == run_id
        assert hostlab("down", "kubernetes").returncode == 0
        assert kubectl("get", "configmaps", "someone-elses", "--output=name")
        assert kubectl("get", "deployments,services,pods", "--output=name") == ""
    finally:
        kubectl("delete", "namespace", "hosting-lab")


def test_where_no_node_port_answers_a_port_forward_follows_the_api(
    kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch, nothing_left
):
    monkeypatch.setenv("HOSTLAB_KUBE_FORWARD", "1")
    service = get("kubernetes")
    try:
        service.start()
        assert service.url.startswith("http://127.0.0.1:")
        for overlay in ("autoscaling", "network-policies"):  # these end with the run, too
            kubectl("apply", "--kustomize", str(ON_TOP / overlay))
        printed = hostlab("predict", "not bad", "--method", "kubernetes", "--json").stdout
        assert json.loads(printed)[0]["error"] is None
        (before,) = tunnels()
        with ClosedLoad(service.url, users=4, timeout_s=30) as load:
            kubectl("rollout", "restart", f"deployment/{API}")
            rollout.wait(kubectl, (API,), lambda sentence: None)
            wait_until(lambda: before not in tunnels(), 60)  # its last connection is closed
        assert load.samples and load.lost == []
        kubectl("delete", "pods", "--selector", "app=api", "--grace-period=1")

        def answers_again() -> bool:
            try:
                return service.predict("not bad")[0].label is not None
            except HostingLabError:
                return False

        wait_until(answers_again, 120)
    finally:
        service.stop()
    assert tunnels() == []
