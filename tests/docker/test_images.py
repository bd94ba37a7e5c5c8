"""What is in the images: no root, no secret, no cache, no torch, no model library in front of the
model, and no more than the budget.
"""

import json
import re
import subprocess

import docker
import pytest

from hostlab.deployment import Deployment
from hostlab.methods.docker import compose

pytestmark = pytest.mark.docker
IMAGES = {"model-service": 230, "api-service": 90}  # what each may add to its base image, in MB


@pytest.fixture(autouse=True, scope="module")
def built(service: Deployment) -> None:
    """Starting the method has built the images."""


def run(image: str, script: str) -> str:
    command = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "--user",
        "0",
        "--entrypoint",
        "sh",
        f"hosting-lab/{image}:1.0",
        "-c",
        script,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=True
    ).stdout.strip()


@pytest.mark.parametrize("image", IMAGES)
def test_size_is_within_the_budget(image: str, engine: docker.DockerClient) -> None:
    base = engine.images.get("python:3.11-slim").attrs["Size"]
    added_mb = (engine.images.get(f"hosting-lab/{image}:1.0").attrs["Size"] - base) / 1e6
    print(f"{image} adds {added_mb:.0f} MB to its base image")
    assert 0 < added_mb <= IMAGES[image]


@pytest.mark.parametrize("image", IMAGES)
def test_image_says_what_it_is_and_runs_as_a_number(
    image: str, engine: docker.DockerClient
) -> None:
    config = engine.images.get(f"hosting-lab/{image}:1.0").attrs["Config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert {
        f"org.opencontainers.image.{name}"
        for name in ("title", "description", "version", "licenses")
    } <= set(config["Labels"])
    assert f"hosting-lab/{image}:latest" not in [
        tag for one in engine.images.list(f"hosting-lab/{image}") for tag in one.tags
    ]


@pytest.mark.parametrize("image", IMAGES)
def test_no_secret_and_no_cache(image: str) -> None:
    command = [
        "docker",
        "history",
        "--no-trunc",
        "--format",
        "{{json .}}",
        f"hosting-lab/{image}:1.0",
    ]
    steps = [
        json.loads(line)["CreatedBy"]
        for line in subprocess.check_output(command, text=True).splitlines()
    ]
    environment = run(image, "env")
    for secret in (r"(?i)(api_?key|token|password|secret)\S*=\S", r"https?://[^/\s]+:[^/\s]+@"):
        assert not [step for step in steps if re.search(secret, step)]
        assert not re.search(secret, environment)
    leftovers = (
        "/root/.cache /tmp /app/.git /app/.env /var/cache/apt/archives "
        "$(find /app -name __pycache__)"
    )
    assert run(image, f"find {leftovers} -type f 2>/dev/null || true") == ""


def test_nothing_but_the_programs_is_in_the_images() -> None:
    model, api = (
        run(image, "cd /app && find . -name '*.py' | sort").splitlines() for image in IMAGES
    )
    services = [file for file in api if file.startswith("./deployments/services/")]
    own = [
        "./deployments/__init__.py",
        "./deployments/separate_process/__init__.py",
        "./deployments/separate_process/api_service.py",
    ]
    assert sorted(api) == sorted([*own, *services, "./healthcheck.py"])
    assert set(services) < set(model)
    assert "./deployments/model/classifier.py" in model
    assert not {"./deployments/model/train.py", "./deployments/model/onnx_export.py"} & set(model)
    assert all(file.startswith(("./deployments/", "./healthcheck.py")) for file in model)


def test_the_model_is_an_export() -> None:
    files = run("model-service", "ls deployments/model/weights").split()
    assert files == ["description.json", "network.onnx", "tokenizer.json"]


def installed(image: str) -> set[str]:
    return {one["name"].lower() for one in json.loads(run(image, "pip list --format json"))}


def test_api_has_no_model_library() -> None:
    packages = installed("api-service")
    assert "fastapi" in packages
    assert not packages & {"onnxruntime", "tokenizers", "numpy", "torch", "docker", "openai"}


def test_model_has_the_runtime_and_nothing_that_exports() -> None:
    packages = installed("model-service")
    assert {"fastapi", "onnxruntime", "tokenizers", "numpy"} <= packages
    exporters = {"torch", "transformers", "safetensors", "huggingface-hub", "onnx", "onnxscript"}
    assert not packages & exporters


@pytest.mark.parametrize(
    ("model_id", "says"),
    [
        ("someone/some-model", "MODEL_ID is a build argument"),
        ("/app/deployments/services", "is not an export"),
    ],
)
def test_a_model_that_the_image_cannot_run_is_refused(model_id: str, says: str) -> None:
    program = "python deployments/separate_process/model_service.py"
    assert says in run("model-service", f"MODEL_ID={model_id} {program} 2>&1 || true")


def test_images_with_another_model_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_ID", raising=False)
    assert compose.images_are_built()
    monkeypatch.setenv("MODEL_ID", "someone/some-model")
    assert not compose.images_are_built()
