"""The manifests as Python objects, and what hostlab changes in them: a run ID, an owner, a
version, nothing else.
"""

import yaml

from hostlab.methods.kubernetes.kubectl import Kubectl, KubernetesObject
from hostlab.methods.kubernetes.objects import OWNER, RUN_ID
from hostlab.runtime import owner
from hostlab.runtime.paths import COURSE

FOLDER = COURSE / "kubernetes"
VERSION_LABEL = "app.kubernetes.io/version"


def rendered(kubectl: Kubectl, run_id: str) -> list[KubernetesObject]:
    """Return what `kubectl apply -k` would apply, with labels: the run's ID, by which everything
    is found again, and its owner.
    """
    objects = list(yaml.safe_load_all(kubectl("kustomize", str(FOLDER))))
    for one in objects:
        one["metadata"].setdefault("labels", {}).update({RUN_ID: run_id, OWNER: owner.label()})
        if one["kind"] == "Deployment":
            one["spec"]["template"]["metadata"]["labels"][RUN_ID] = run_id
    return objects


def autoscaling(kubectl: Kubectl, run_id: str | None) -> list[KubernetesObject]:
    """Return what the overlay `autoscaling` would apply.

    `run_id` is None for a method that was started by hand: then there are no labels of a run.
    """
    objects = list(yaml.safe_load_all(kubectl("kustomize", str(FOLDER / "overlays/autoscaling"))))
    for one in objects if run_id else ():
        one["metadata"]["labels"].update({RUN_ID: run_id, OWNER: owner.label()})
    return objects


def metrics_server(kubectl: Kubectl, self_signed: bool) -> list[KubernetesObject]:
    """Return the project's own metrics server.

    With `self_signed`, it does not check the certificates of the nodes, which a cluster on one's
    own machine has signed itself.
    """
    variant = "self-signed" if self_signed else "base"
    folder = FOLDER / "metrics-server" / variant
    return list(yaml.safe_load_all(kubectl("kustomize", str(folder))))


def images(objects: list[KubernetesObject]) -> list[str]:
    """Return the images that these objects run."""
    return [
        container["image"]
        for one in objects
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    ]


def version_patch(deployment: KubernetesObject, version: str) -> KubernetesObject:
    """Return the strategic merge patch that rolls a Kubernetes Deployment to another version.

    It changes the images' tag and the label that names the version.
    """
    pod = deployment["spec"]["template"]["spec"]
    containers = [
        {"name": one["name"], "image": f"{one['image'].rpartition(':')[0]}:{version}"}
        for one in pod["containers"]
    ]
    labels = {VERSION_LABEL: version}
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return {"spec": {"template": template}}
