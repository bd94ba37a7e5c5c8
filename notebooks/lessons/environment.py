"""The first cell of a lesson: what this machine has, what is missing, and what still works.

A cell that cannot run everywhere begins with `needs("docker")` or `needs("kubernetes")`. Where the
tool is missing, the cell says so, and its other lines do not run. So you can read the lesson, and
run it from top to bottom, on a laptop with neither. For this, importing this module makes the
notebook check the first line of each cell. Outside a notebook, `needs` only prints.
"""

import ast
import functools
import os
import shutil
import sys
import warnings

from IPython import get_ipython

from deployments.model.source import SHIPPED
from hostlab import get, running
from hostlab.doctor import checks
from hostlab.doctor.verdicts import FAIL, MISSING, OK, Verdict
from notebooks.lessons import texts

Line = tuple[Verdict, str]  # a verdict and a sentence
PACKAGES = {
    "onnxruntime": "runs the model",
    "torch": "exports it",
    "transformers": "loads it",
    "fastapi": "the services' HTTP interface",
    "requests": "sends requests from Python",
    "matplotlib": "draws the plots",
}
# This machine, and the private networks in which local clusters have their nodes
_DIRECT = ("127.0.0.1", "localhost", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def show_environment(*tools: str) -> None:
    """Print one line for each thing that a lesson needs, and whether you can begin.

    `tools` are what only some cells need, docker or kubernetes. These cells begin with
    `needs(...)`.
    """
    _bypass_proxy()
    # tqdm recommends ipywidgets, which these notebooks do not need.
    warnings.filterwarnings("ignore", message="IProgress not found")
    lines = [_python(), *map(_package, PACKAGES), _model(), _memory(), _curl()]
    for tool in tools:
        lines += _tool(tool)
    lines.append(_services())
    for verdict, sentence in lines:
        print(f"{f'[{verdict}]':6} {sentence}")
    absent = [texts.TOOLS[tool] for tool in tools if _missing(tool)]
    if any(verdict == FAIL for verdict, _ in lines):
        print(texts.STOP_HERE)
    else:
        print(texts.WORKS_WITHOUT.format(tools=" and ".join(absent)) if absent else texts.ALL_WORKS)


def needs(tool: str) -> None:
    """Skip the rest of the cell, and print the reason, if `tool` (docker or kubernetes) is missing.

    This must be the first line of the cell.
    """
    if _missing(tool):
        print("[--]  ", texts.CELL_NEEDS.format(tool=texts.TOOLS[tool]))


class _SkipCell(ast.NodeTransformer):
    """Reduces a cell that begins with `needs(...)` to that line if the tool is missing."""

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """Return the cell, or only its first line."""
        match cell.body[:1]:
            case [ast.Expr(ast.Call(ast.Name("needs"), [ast.Constant(str(tool))]))] if _missing(
                tool
            ):
                cell.body = cell.body[:1]
        return cell


if notebook := get_ipython():
    notebook.ast_transformers = [
        one for one in notebook.ast_transformers if type(one).__name__ != _SkipCell.__name__
    ] + [_SkipCell()]


@functools.cache
def _missing(tool: str) -> str | None:
    """Return what the method of that name lacks here, in sentences, or None.

    Checked once in a lesson.
    """
    return get(tool).missing_tools()


def _tool(tool: str) -> list[Line]:
    name = texts.TOOLS[tool]
    if why := _missing(tool):
        return [(MISSING, texts.TOOL_MISSING.format(name=name, why=why))]
    lines: list[Line] = [(OK, texts.TOOL_OK.format(name=name))]
    if tool == "docker":
        lines.append((OK, texts.IMAGES_OK) if _first_images() else (MISSING, texts.IMAGES_MISSING))
    return lines


def _first_images() -> bool:
    # Imported only where there is an engine, because docker-py takes a moment to import.
    from hostlab.methods.docker.compose import VERSION

    return VERSION not in checks.missing_images()


def _bypass_proxy() -> None:
    """Keep a school's proxy out of requests to this machine and to the nodes of a local cluster,
    for both curl and requests.
    """
    for name in ("NO_PROXY", "no_proxy"):
        others = [one for one in os.environ.get(name, "").split(",") if one]
        os.environ[name] = ",".join(dict.fromkeys([*others, *_DIRECT]))


def _python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    return OK, texts.PYTHON_OK.format(version=version, path=sys.executable)


def _package(name: str) -> Line:
    verdict = checks.package(name, PACKAGES[name]).verdict
    text = texts.PACKAGE_OK if verdict == OK else texts.PACKAGE_MISSING
    return verdict, text.format(name=name, purpose=PACKAGES[name])


def _model() -> Line:
    megabytes = checks.shipped_model_mb()
    if megabytes is None:
        return FAIL, texts.MODEL_MISSING.format(folder=SHIPPED)
    return OK, texts.MODEL_OK.format(megabytes=megabytes)


def _memory() -> Line:
    verdict = checks.memory().verdict
    text = texts.MEMORY_OK if verdict == OK else texts.MEMORY_LOW
    return verdict, text.format(free=checks.free_memory_gb())


def _curl() -> Line:
    return (OK, texts.CURL_OK) if shutil.which("curl") else (MISSING, texts.CURL_MISSING)


def _services() -> Line:
    methods = ", ".join(service.method for service in running())
    return (MISSING, texts.RUNNING.format(methods=methods)) if methods else (OK, texts.NOTHING_RUNS)
