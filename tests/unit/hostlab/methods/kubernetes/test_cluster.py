"""Which cluster is written to, and the error where none may be used."""

import pytest

from hostlab import get
from hostlab.errors import StartFailed, Unavailable
from hostlab.methods.kubernetes import cluster
from hostlab.runtime import state

HERE = "https://127.0.0.1:6443"
COMPANY = "https://k8s.example.com:6443"


@pytest.mark.parametrize(
    ("context", "server"),
    [
        ("kind-class", HERE),
        ("minikube", "https://192.168.49.2:8443"),
        ("k3d-class", "https://0.0.0.0:41221"),
        ("docker-desktop", "https://kubernetes.docker.internal:6443"),
        ("rancher-desktop", HERE),
        ("orbstack", "https://127.0.0.1:26443"),
    ],
)
def test_the_context_in_use_is_taken_where_it_is_clearly_local(
    kubeconfig, stand_ins, context, server
):
    stand_ins.add("kubectl")
    kubeconfig(context, **{context: server})
    assert cluster.choose().context == context


@pytest.mark.parametrize(
    "context",
    [
        "production",
        "arn:aws:eks:eu-west-1:1:cluster/shop",
        "my-minikube",
        "kind-",
        "laboratory",
        "gke_x_lab",
    ],
)
def test_a_context_of_another_name_is_rejected_with_the_variable_to_set(
    kubeconfig, stand_ins, context
):
    stand_ins.add("kubectl")
    kubeconfig(context, **{context: HERE, "kind-class": HERE})
    with pytest.raises(Unavailable, match="nothing is written there") as rejection:
        cluster.choose()
    assert f"HOSTLAB_KUBE_CONTEXT={context}" in str(rejection.value)
    assert "kubectl config use-context kind-class" in str(rejection.value)


@pytest.mark.parametrize("server", [COMPANY, "https://8.8.8.8:6443", ""])
def test_a_local_name_with_a_server_elsewhere_is_rejected(kubeconfig, stand_ins, server):
    stand_ins.add("kubectl")
    kubeconfig("minikube", minikube=server)
    with pytest.raises(Unavailable, match="not on this machine"):
        cluster.choose()


def test_a_rejected_cluster_is_not_even_asked(kubeconfig, stand_ins):
    stand_ins.add("kubectl")
    kubeconfig("production", production=COMPANY)
    status = get("kubernetes").status()
    assert status.state == "unavailable" and "'production'" in status.reason
    with pytest.raises(Unavailable):
        get("kubernetes").start()
    assert stand_ins.calls == []


def test_what_the_user_names_on_purpose_is_taken(kubeconfig, stand_ins, monkeypatch):
    stand_ins.add("kubectl")
    kubeconfig("orbstack", orbstack=HERE, production=COMPANY)
    monkeypatch.setenv("HOSTLAB_KUBE_CONTEXT", "production")
    assert cluster.choose().context == "production"
    monkeypatch.setenv("HOSTLAB_KUBE_CONTEXT", "prodiction")
    with pytest.raises(Unavailable, match="knows: orbstack, production"):
        cluster.choose()


def test_a_run_stays_in_its_cluster_when_another_one_is_in_use(kubeconfig, stand_ins):
    stand_ins.add("kubectl")
    kubeconfig("minikube", minikube=HERE, orbstack=HERE)
    state.write(state.Record("kubernetes", "0123456789ab", context="orbstack"))
    assert cluster.choose().context == "orbstack"
    state.forget("kubernetes")
    assert cluster.choose().context == "minikube"


def test_the_reason_where_there_is_no_cluster_or_no_kubectl(kubeconfig, stand_ins):
    assert "no kubectl" in get("kubernetes").status().reason
    stand_ins.add("kubectl")
    assert "HOSTLAB_KIND=create" in get("kubernetes").status().reason
    kubeconfig(None)
    assert "Start a local one" in get("kubernetes").status().reason
    kubeconfig("gone")
    assert "Start a local one" in get("kubernetes").status().reason


def test_a_broken_kubeconfig_is_named(kubeconfig, stand_ins):
    stand_ins.add("kubectl")
    path = kubeconfig(None)
    path.write_text("contexts: [", "utf-8")
    assert str(path) in get("kubernetes").status().reason


def test_the_first_of_several_kubeconfigs_holds(kubeconfig, stand_ins, tmp_path, monkeypatch):
    stand_ins.add("kubectl")
    second = kubeconfig("minikube", minikube=HERE).rename(tmp_path / "second")
    first = kubeconfig("orbstack", orbstack=HERE)
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path / 'missing'}:{second}")
    assert cluster.choose().context == "orbstack"


class TestMakingACluster:
    @pytest.fixture
    def kind(self, kubeconfig, stand_ins, monkeypatch):
        stand_ins.add("kubectl")
        stand_ins.add("kind")
        kubeconfig("production", production=COMPANY)
        monkeypatch.setenv("HOSTLAB_KIND", "create")
        return stand_ins

    NAME = "hostlab-0123456789ab"
    CREATE = f"kind create cluster --name {NAME} --config {cluster.KIND_CONFIG} --wait 180s"

    @pytest.fixture
    def record(self, kubeconfig):
        return state.Record("kubernetes", "0123456789ab")

    def test_it_is_made_when_the_user_says_so_and_the_context_in_use_stays(self, kind, record):
        assert cluster.choose_or_create(record, print).context == f"kind-{self.NAME}"
        assert kind.calls == [self.CREATE, "kubectl config use-context production"]
        assert state.read("kubernetes").own_cluster == self.NAME

    def test_not_unasked(self, kind, record, monkeypatch):
        monkeypatch.delenv("HOSTLAB_KIND")
        with pytest.raises(Unavailable):
            cluster.choose_or_create(record, print)
        assert kind.calls == []

    def test_not_where_the_user_names_a_cluster(self, kind, record, monkeypatch):
        monkeypatch.setenv("HOSTLAB_KUBE_CONTEXT", "prodiction")
        with pytest.raises(Unavailable):
            cluster.choose_or_create(record, print)
        assert kind.calls == []

    def test_a_half_made_one_is_removed_with_the_run(self, kind, record):
        kind.add("kind", stderr="ERROR: failed to pull image\n", status=1)
        with pytest.raises(StartFailed):
            cluster.choose_or_create(record, print)
        kind.add("kind")
        assert get("kubernetes").status().state == "starting"
        get("kubernetes").stop()
        assert kind.calls == [self.CREATE, f"kind delete cluster --name {self.NAME}"]
        assert state.read("kubernetes") is None

    def test_it_is_removed_with_its_run_even_where_it_does_not_answer(self, kind, record):
        record.own_cluster, record.state, record.context = self.NAME, "running", "gone"
        state.write(record)
        assert get("kubernetes").status().state == "failed"
        get("kubernetes").stop()
        assert kind.calls == [f"kind delete cluster --name {self.NAME}"]

    @pytest.mark.parametrize("recorded", [True, False])
    def test_a_cluster_of_the_user_is_never_deleted_whatever_its_name(
        self, kind, record, kubeconfig, recorded
    ):
        kubeconfig("kind-hostlab", **{"kind-hostlab": HERE})
        kind.add("kubectl", answers={"--output=json": '{"items": []}'})
        if recorded:
            record.context = "kind-hostlab"
            state.write(record)
        get("kubernetes").end_run("0123456789ab")
        get("kubernetes").stop()
        assert [call for call in kind.calls if call.startswith("kind")] == []

    def test_a_run_may_begin_where_there_is_none_yet(self, kind):
        for tool in ("docker", "minikube"):
            kind.add(tool, stdout="v2.30.0\n")
        assert "cluster" not in str(get("kubernetes").status().reason)
        assert get("kubernetes").supervisor.find() is None


def test_the_program_that_loads_images_is_named_where_it_is_missing(
    kubeconfig, stand_ins, monkeypatch
):
    stand_ins.add("kubectl")
    kubeconfig("kind-class", **{"kind-class": HERE})
    assert "no program `kind`" in cluster.no_loader()
    stand_ins.add("kind")
    assert cluster.no_loader() is None
    monkeypatch.setenv("HOSTLAB_IMAGE_LOADER", "microk8s-load --all")
    assert "no program `microk8s-load`" in cluster.no_loader()
    monkeypatch.setenv("HOSTLAB_IMAGE_LOADER", "sh -c 'load")
    assert "HOSTLAB_IMAGE_LOADER" in cluster.no_loader() and "quotation" in cluster.no_loader()


def test_images_are_built_for_a_cluster_on_this_machine_or_with_a_loader(
    kubeconfig, stand_ins, monkeypatch
):
    stand_ins.add("kubectl")
    kubeconfig("orbstack", orbstack=HERE, production=COMPANY)
    assert cluster.builds_here()
    monkeypatch.setenv("HOSTLAB_KUBE_CONTEXT", "production")
    assert not cluster.builds_here()
    monkeypatch.setenv("HOSTLAB_IMAGE_LOADER", "push-to-registry")
    assert cluster.builds_here()
