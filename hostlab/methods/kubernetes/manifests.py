"""The manifests of this folder as Python objects, and what `hostlab` changes in them: a run id, a version, nothing else."""

from typing import Any

import yaml

from hostlab.methods.kubernetes.kubectl import Kubectl
from hostlab.methods.kubernetes.objects import RUN_ID
from hostlab.runtime.paths import COURSE

FOLDER = COURSE / "kubernetes"
VERSION_LABEL = "app.kubernetes.io/version"


def rendered(kubectl: Kubectl, run_id: str) -> list[dict[str, Any]]:
    """Return what `kubectl apply -k` would apply, with the run id as a label on everything: it is how all of it is found again."""
    objects = list(yaml.safe_load_all(kubectl("kustomize", str(FOLDER))))
    for one in objects:
        one["metadata"].setdefault("labels", {})[RUN_ID] = run_id
        if one["kind"] == "Deployment":
            one["spec"]["template"]["metadata"]["labels"][RUN_ID] = run_id
    return objects


def images(objects: list[dict[str, Any]]) -> list[str]:
    """Return the images that these objects run."""
    return [
        container["image"]
        for one in objects
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    ]


def version_patch(deployment: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the change (a strategic merge patch) that rolls a Deployment to another version: the images' tag, and the label that tells it."""
    pod = deployment["spec"]["template"]["spec"]
    containers = [
        {"name": one["name"], "image": f"{one['image'].rpartition(':')[0]}:{version}"}
        for one in pod["containers"]
    ]
    return {
        "spec": {
            "template": {
                "metadata": {"labels": {VERSION_LABEL: version}},
                "spec": {"containers": containers},
            }
        }
    }
