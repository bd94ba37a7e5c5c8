"""Prometheus and Grafana in Compose and in Kubernetes: the same images and settings, confined like
the services, and reachable from this machine only.
"""

import re

import kubernetes_validate
import pytest
import yaml

from hostlab.runtime.paths import COURSE

OVERLAY = COURSE / "kubernetes" / "overlays" / "monitoring"
COMPOSE = yaml.safe_load((COURSE / "docker" / "docker-compose.yml").read_text("utf-8"))["services"]
NAMES = ("prometheus", "grafana")


def kustomization(folder: str) -> dict:
    return yaml.safe_load((COURSE / folder / "kustomization.yaml").read_text("utf-8"))


FILES = kustomization("kubernetes/overlays/monitoring")["resources"][1:]
OBJECTS = [one for file in FILES for one in yaml.safe_load_all((OVERLAY / file).read_text("utf-8"))]


def named(one: dict) -> str:
    return f"{one['kind']}-{one['metadata']['name']}"


def pod(name: str) -> dict:
    return next(
        one["spec"]["template"]["spec"] for one in OBJECTS if named(one) == f"Deployment-{name}"
    )


def test_the_overlay_lists_its_files_and_the_rules() -> None:
    manifests = {file.name for file in OVERLAY.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(FILES) == manifests
    assert kustomization("kubernetes/overlays/monitoring")["resources"][0] == "../../../monitoring"
    generated = {
        file for one in kustomization("monitoring")["configMapGenerator"] for file in one["files"]
    }
    monitoring = COURSE / "monitoring"
    used = {*monitoring.glob("rules/*"), *monitoring.glob("grafana/*")}
    assert generated == {str(file.relative_to(monitoring)) for file in used} - {"rules/docker.yml"}


@pytest.mark.parametrize("one", OBJECTS, ids=named)
def test_an_object_is_valid_and_found_again_when_the_run_ends(one: dict) -> None:
    for version in sorted(set(kubernetes_validate.utils.all_versions())):
        kubernetes_validate.validate(one, version, strict=True)
    labels = [one["metadata"]["labels"]]
    if one["kind"] == "Deployment":
        labels.append(one["spec"]["template"]["metadata"]["labels"])
    for each in labels:
        assert each["app.kubernetes.io/part-of"] == "hosting-lab"
        assert each["app.kubernetes.io/component"] == "monitoring"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_confined_like_the_services(name: str) -> None:
    model = COMPOSE["model-service"]
    for key in ("init", "read_only", "cap_drop", "security_opt", "restart"):
        assert COMPOSE[name][key] == model[key]
    assert set(COMPOSE[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert pod(name)["securityContext"]["runAsNonRoot"]
    assert pod(name)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    user = pod(name)["securityContext"]["runAsUser"]
    assert COMPOSE[name]["user"] == f"{user}:{user}" and user > 0
    for container in pod(name)["containers"]:
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("name", NAMES)
def test_it_starts_only_on_request_and_listens_on_this_machine_only(name: str) -> None:
    assert COMPOSE[name]["profiles"] == ["monitoring"]
    (port,) = COMPOSE[name]["ports"]
    assert port.startswith("127.0.0.1:")
    service = next(one for one in OBJECTS if named(one) == f"Service-{name}")
    assert service["spec"].get("type", "ClusterIP") == "ClusterIP"


@pytest.mark.parametrize("name", NAMES)
def test_both_methods_run_the_same_version(name: str) -> None:
    (container,) = pod(name)["containers"]
    found = re.fullmatch(r"\$\{\w+:-(.+:v?\d+\.\d+\.\d+)\}", COMPOSE[name]["image"])
    assert found and container["image"] == found[1]


def test_both_methods_run_with_the_same_settings() -> None:
    (grafana,), (prometheus,) = pod("grafana")["containers"], pod("prometheus")["containers"]
    assert {one["name"]: one["value"] for one in grafana["env"]} == COMPOSE["grafana"][
        "environment"
    ]
    assert prometheus["args"] == COMPOSE["prometheus"]["command"]


def test_only_prometheus_talks_to_the_cluster_and_only_about_pods() -> None:
    assert pod("grafana")["automountServiceAccountToken"] is False
    (rules,) = (one["rules"] for one in OBJECTS if one["kind"] == "Role")
    assert rules == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]
    assert not [one for one in OBJECTS if one["kind"].startswith("Cluster")]


@pytest.mark.parametrize(("app", "port"), [("model", 5001), ("api", 5000)])
def test_the_pods_carry_the_annotations_by_which_they_are_found(app: str, port: int) -> None:
    file = COURSE / "kubernetes" / f"{app}-deployment.yaml"
    template = next(yaml.safe_load_all(file.read_text("utf-8")))["spec"]["template"]
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(port),
        "prometheus.io/path": "/metrics",
    }
    assert template["spec"]["containers"][0]["ports"][0]["containerPort"] == port
