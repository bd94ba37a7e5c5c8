"""How images get into each kind of cluster, and when they are there already."""

import json

import pytest

from hostlab.errors import StartFailed
from hostlab.methods.docker import engine
from hostlab.methods.kubernetes import image_loading
from hostlab.methods.kubernetes.kubectl import Kubectl
from tests.unit.hostlab.methods.kubernetes.conftest import node

MODEL, API = "hosting-lab/model-service", "hosting-lab/api-service"
NAMES = [f"{MODEL}:1.0", f"{API}:1.0"]
DIGEST_NAMES = [f"{MODEL}:sha256-abc", f"{API}:sha256-abc"]
MODEL_THERE, API_THERE = (
    [f"docker.io/{name}", f"docker.io/{digest}"]
    for name, digest in zip(NAMES, DIGEST_NAMES, strict=True)
)


class Engine:
    """Notes which names it gives to images, and which it takes away."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.all_names: list[str] = []

    def images(self, name: str) -> list[dict]:
        return [{"Id": "sha256:abc", "RepoTags": [name]}]

    def tag(self, image: str, repository: str, tag: str) -> None:
        self.names.append(f"{repository}:{tag}")
        self.all_names.append(f"{repository}:{tag}")

    def remove_image(self, name: str) -> None:
        self.names.remove(name)


@pytest.fixture
def docker(monkeypatch):
    fake = Engine()
    monkeypatch.setattr(engine, "api", lambda: fake)
    return fake


@pytest.fixture
def cluster(kubeconfig, stand_ins):
    def with_nodes(*nodes: dict, context: str = "lab-latest") -> Kubectl:
        stand_ins.add("kubectl", stdout=json.dumps({"items": nodes}))
        return Kubectl(context)

    return with_nodes


def loads(stand_ins) -> list[str]:
    return [call for call in stand_ins.calls if not call.startswith("kubectl")]


ALL = " ".join([*NAMES, *DIGEST_NAMES])


@pytest.mark.parametrize(
    ("context", "commands"),
    [
        ("kind-class", [f"kind load docker-image {ALL} --name class"]),
        ("k3d-class", [f"k3d image import {ALL} --cluster class"]),
        ("minikube", [f"minikube --profile minikube image load {one}" for one in ALL.split()]),
    ],
)
def test_each_kind_of_cluster_gets_them_its_own_way(cluster, stand_ins, docker, context, commands):
    stand_ins.add(commands[0].split()[0])
    sentences = []
    image_loading.load(cluster(node("one"), context=context), NAMES, sentences.append)
    assert loads(stand_ins) == commands
    assert commands[0] in sentences[0].text("en")
    assert docker.all_names == DIGEST_NAMES and docker.names == []


@pytest.mark.parametrize("context", ["docker-desktop", "orbstack", "rancher-desktop"])
def test_nothing_is_loaded_where_engine_and_cluster_share_their_images(
    cluster, stand_ins, docker, context
):
    image_loading.load(cluster(node("one"), context=context), NAMES, print)
    assert stand_ins.calls == []


def test_the_users_own_command_gets_the_names_in_any_cluster(
    cluster, stand_ins, docker, monkeypatch
):
    stand_ins.add("my-loader")
    monkeypatch.setenv("HOSTLAB_IMAGE_LOADER", "my-loader --to 'two words'")
    image_loading.load(cluster(node("one"), context="docker-desktop"), NAMES, print)
    assert loads(stand_ins) == [f"my-loader --to two words {ALL}"]


MODEL_OF_YESTERDAY = [[f"docker.io/{MODEL}:1.0"], [f"docker.io/{MODEL}:sha256-abc"]]


@pytest.mark.parametrize(
    ("nodes", "loaded"),
    [
        ([node("one", MODEL_THERE, API_THERE)], []),
        ([node("one", NAMES[:1] + DIGEST_NAMES[:1], API_THERE)], []),  # no registry in the name
        ([node("one", MODEL_THERE, [f"docker.io/{API}:1.0"])], [API]),  # an older one of that name
        ([node("one", *MODEL_OF_YESTERDAY, API_THERE)], [MODEL]),  # the names are of two images
        ([node("one", MODEL_THERE, API_THERE), node("two", API_THERE)], [MODEL]),
        ([node("one", MODEL_THERE, API_THERE), node("two", ready=False)], []),
        ([], [MODEL, API]),  # this user may not see the nodes
    ],
)
def test_only_what_a_node_lacks_is_loaded(cluster, stand_ins, docker, monkeypatch, nodes, loaded):
    stand_ins.add("my-loader")
    monkeypatch.setenv("HOSTLAB_IMAGE_LOADER", "my-loader")
    image_loading.load(cluster(*nodes), NAMES, print)
    tags = [f"{image}:{tag}" for tag in ("1.0", "sha256-abc") for image in loaded]
    assert loads(stand_ins) == ([f"my-loader {' '.join(tags)}"] if tags else [])


def test_a_failed_load_shows_the_last_lines_and_leaves_no_names(cluster, stand_ins, docker):
    stand_ins.add("kind", stderr="ERROR: no nodes found for cluster\n", status=1)
    kubectl = cluster(node("one"), context="kind-class")
    with pytest.raises(StartFailed, match=r"kind load docker-image .*\n\n.*\n.*no nodes found"):
        image_loading.load(kubectl, NAMES, print)
    assert docker.names == []


def test_a_cluster_of_an_unknown_kind_says_what_to_set(cluster):
    image_loading.require(cluster(node("one", MODEL_THERE, API_THERE)), NAMES)
    with pytest.raises(StartFailed, match="HOSTLAB_IMAGE_LOADER") as error:
        image_loading.require(cluster(node("one", MODEL_THERE), node("two", API_THERE)), NAMES)
    assert f"Missing on one and two: {API}:1.0 and {MODEL}:1.0." in str(error.value)
