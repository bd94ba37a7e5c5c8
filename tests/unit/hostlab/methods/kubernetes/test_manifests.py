"""The manifests hold what the schemas that Kubernetes publishes ask for, and what
we ask of them.
"""

from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from deployments import kubernetes
from hostlab.methods.kubernetes.manifests import VERSION_LABEL, images, version_patch

FOLDER = Path(kubernetes.__file__).parent
BASE = ["namespace.yaml", "model-deployment.yaml", "api-deployment.yaml"]
OVERLAYS = {
    "autoscaling": ["hpa.yaml", "pdb.yaml"],
    "network-policies": ["policies.yaml"],
}
ON_TOP = [f"overlays/{name}/{file}" for name, files in OVERLAYS.items() for file in files]


def objects(*files: str) -> list[dict]:
    return [one for file in files for one in yaml.safe_load_all((FOLDER / file).read_text("utf-8"))]


DEPLOYMENTS = [one for one in objects(*BASE) if one["kind"] == "Deployment"]


def named(one: dict) -> str:
    return f"{one['kind']}-{one['metadata']['name']}"


@pytest.mark.parametrize("one", objects(*BASE, *ON_TOP), ids=named)
def test_it_is_valid_for_the_newest_release_and_those_before_it(one):
    versions = sorted(set(kubernetes_validate.utils.all_versions()))
    assert (versions[0], versions[-1]) == ("1.25.0", "1.37.0")
    for version in versions:
        kubernetes_validate.validate(one, version, strict=True)


def test_the_check_finds_a_field_that_does_not_exist():
    one = objects("model-deployment.yaml")[0]
    one["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_listed_to_be_applied():
    assert yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))["resources"] == BASE
    for name, files in OVERLAYS.items():
        file = FOLDER / "overlays" / name / "kustomization.yaml"
        overlay = yaml.safe_load(file.read_text("utf-8"))
        assert (overlay["resources"], overlay["namespace"]) == (files, "hosting-lab")


@pytest.mark.parametrize("one", objects(*BASE, *ON_TOP), ids=named)
def test_everything_carries_the_label_that_finds_it_again(one):
    assert one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "hosting-lab"


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
class TestADeployment:
    def test_pods_have_no_right_that_they_do_not_need(self, deployment):
        pod = deployment["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }

    def test_a_rollout_takes_nothing_away_first(self, deployment):
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0

    def test_the_version_is_told_by_the_tag(self, deployment):
        version = deployment["spec"]["template"]["metadata"]["labels"][VERSION_LABEL]
        assert [image.rpartition(":")[2] for image in images([deployment])] == [version]
        assert version != "latest"

    def test_there_is_time_to_say_goodbye(self, deployment):
        pod = deployment["spec"]["template"]["spec"]
        settings = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))[
            "configMapGenerator"
        ][0]["literals"]
        drain_s = next(
            float(one.partition("=")[2]) for one in settings if one.startswith("DRAIN_S=")
        )
        sleep_s = float(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
        assert sleep_s + drain_s + 10 < pod["terminationGracePeriodSeconds"], (
            "10 s is SHUTDOWN_S, for the requests in flight"
        )

    def test_requests_and_limits_are_set(self, deployment):
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            assert (
                set(container["resources"]["requests"])
                == set(container["resources"]["limits"])
                == {"cpu", "memory"}
            )

    def test_probes_ask_the_routes_of_the_contract(self, deployment):
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        asked = [
            container[f"{name}Probe"]["httpGet"]["path"]
            for name in ("startup", "readiness", "liveness")
        ]
        assert asked == ["/health", "/ready", "/health"]

    def test_another_version_changes_the_tag_and_the_label_and_nothing_else(self, deployment):
        template = version_patch(deployment, "1.1")["spec"]["template"]
        assert template["metadata"] == {"labels": {VERSION_LABEL: "1.1"}}
        (container,) = template["spec"]["containers"]
        assert container == {
            "name": deployment["spec"]["template"]["spec"]["containers"][0]["name"],
            "image": f"hosting-lab/{deployment['metadata']['name']}:1.1",
        }


def test_the_gateway_sees_every_model_pod():
    service = next(one for one in objects("model-deployment.yaml") if one["kind"] == "Service")
    assert service["spec"]["clusterIP"] == "None", (
        "headless: a ClusterIP deals out connections, and the gateway keeps its own"
    )


def test_kind_maps_the_port_of_the_api_and_only_to_this_machine():
    service = next(one for one in objects("api-deployment.yaml") if one["kind"] == "Service")
    (mapping,) = objects("kind.yaml")[0]["nodes"][0]["extraPortMappings"]
    assert mapping == {
        "containerPort": service["spec"]["ports"][0]["nodePort"],
        "hostPort": service["spec"]["ports"][0]["nodePort"],
        "listenAddress": "127.0.0.1",
    }


def test_network_policies_let_the_api_reach_the_model_and_nobody_else():
    policies = {one["metadata"]["name"]: one["spec"] for one in objects(*ON_TOP[-1:])}
    for one in DEPLOYMENTS:
        pod_labels = one["spec"]["template"]["metadata"]["labels"]
        selected = policies[one["metadata"]["name"]]["podSelector"]["matchLabels"]
        assert selected.items() <= pod_labels.items()
    model, api = policies["model-service"], policies["api-service"]
    assert model["egress"] == []
    (ingress,) = model["ingress"]
    assert {"podSelector": api["podSelector"]} in ingress["from"]
    to_model, to_dns = api["egress"]
    assert to_model == {"to": [{"podSelector": model["podSelector"]}], "ports": [{"port": 5001}]}
    assert {port["port"] for port in to_dns["ports"]} == {53}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_pods_of_a_dead_node_are_replaced_before_the_default_of_five_minutes(deployment):
    tolerations = deployment["spec"]["template"]["spec"]["tolerations"]
    assert {one["key"].rpartition("/")[2] for one in tolerations} == {"unreachable", "not-ready"}
    assert {one["tolerationSeconds"] for one in tolerations} == {20}


def test_replicas_prefer_different_nodes_and_fit_on_one():
    (spread,) = DEPLOYMENTS[0]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
    assert spread["topologyKey"] == "kubernetes.io/hostname"
