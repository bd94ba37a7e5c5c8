"""What the Dockerfile and the compose file promise, as far as reading them can tell."""

import ast
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from hostlab.methods.docker.compose import VERSION
from hostlab.runtime.paths import ROOT

FOLDER = ROOT / "deployments" / "docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((FOLDER / "docker-compose.yml").read_text("utf-8"))
SERVICES = {name: COMPOSE["services"][name] for name in ("model-service", "api-service")}


def requirements(lines: list[str]) -> dict[str, str]:
    parsed = [
        Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()
    ]
    return {one.name: str(one.specifier) for one in parsed}


PROJECT = requirements(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
)


def test_images_have_the_versions_of_the_project() -> None:
    for name in ("requirements-api.txt", "requirements-model.txt", "requirements-export.txt"):
        asked = requirements((FOLDER / name).read_text("utf-8").splitlines())
        assert asked == {package: PROJECT[package] for package in asked}
    assert f"=={re.search(r'ARG TORCH_VERSION=(.+)', DOCKERFILE)[1]}" == PROJECT["torch"]


def test_services_ask_for_no_library_that_they_do_not_import() -> None:
    api, model = (
        set(requirements((FOLDER / name).read_text("utf-8").splitlines()))
        for name in ("requirements-api.txt", "requirements-model.txt")
    )
    assert not {"torch", "transformers", "tokenizers", "docker"} & api
    assert not {"torch", "transformers", "huggingface-hub", "onnx"} & model


def imported(*modules: str) -> set[str]:
    """Return the files in model/ that these modules import when they are imported themselves."""
    found, left = set(), list(modules)
    while left:
        file = f"{left.pop().replace('.', '/')}.py"
        if file in found or not (ROOT / file).is_file():
            continue
        found.add(file)
        left += [
            node.module
            for node in ast.parse((ROOT / file).read_text("utf-8")).body
            if isinstance(node, ast.ImportFrom) and node.module.startswith("deployments.model.")
        ]
    return {file for file in found if file.startswith("deployments/model/")}


@pytest.mark.parametrize(
    ("stage", "modules"),
    [
        ("export", ("deployments.model.export", "deployments.model.onnx_export")),
        ("model-service", ("deployments.separate_process.model_service",)),
    ],
)
def test_each_stage_has_the_files_of_the_model_that_it_runs(
    stage: str, modules: tuple[str, ...]
) -> None:
    [lines] = re.findall(rf"^FROM \S+ AS {stage}\n(.*?)(?=^FROM)", DOCKERFILE, re.M | re.S)
    copied = set(re.findall(r"deployments/model/\w+\.py", lines))
    assert copied == {
        "deployments/model/__init__.py",
        *(file for file in imported(*modules) if "/engines/" not in file),
    }
    assert "COPY deployments/model/engines" in lines.replace("--chmod=755 ", "")


def test_dockerfile_pulls_no_syntax_and_runs_as_a_number() -> None:
    assert "# syntax" not in DOCKERFILE
    commands = re.findall(r"^CMD (.*)", DOCKERFILE, re.MULTILINE)
    assert len(commands) >= 2 and all(command.startswith("[") for command in commands)
    assert re.findall(r"^USER (.+)", DOCKERFILE, re.MULTILINE) == ["10001:10001"] * len(commands)


def test_compose_file_binds_limits_and_restarts() -> None:
    assert "version" not in COMPOSE
    assert SERVICES["api-service"]["ports"] == ["${API_HOST:-127.0.0.1}:${API_PORT:-5000}:5000"]
    assert "ports" not in SERVICES["model-service"]
    assert SERVICES["api-service"]["depends_on"]["model-service"]["condition"] == "service_healthy"
    for service in SERVICES.values():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert (
            service["init"]
            and service["read_only"]
            and service["restart"]
            and service["cap_drop"] == ["ALL"]
        )
        assert service["image"].endswith(f":${{HOSTLAB_VERSION:-{VERSION}}}")
    model = SERVICES["model-service"]
    assert model["environment"]["MODEL_THREADS"] == model["deploy"]["resources"]["limits"]["cpus"]


def test_grace_period_is_longer_than_what_the_services_take() -> None:
    for service in SERVICES.values():
        environment = service["environment"]
        assert int(service["stop_grace_period"].removesuffix("s")) > float(
            environment["DRAIN_S"]
        ) + float(environment["SHUTDOWN_S"])
