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
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("common")

Line = tuple[Verdict, str]  # a verdict other than OK, and a sentence
# This machine, and the private networks in which local clusters have their nodes
_DIRECT = ("127.0.0.1", "localhost", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def show_environment(*tools: str) -> None:
    """Print one line if the whole lesson works here, or else a line for each thing that is missing.

    `tools` are what only some cells need, docker or kubernetes. These cells begin with
    `needs(...)`.
    """
    _bypass_proxy()
    # tqdm recommends ipywidgets, which these notebooks do not need.
    warnings.filterwarnings("ignore", message="IProgress not found")
    lines = [line for name in texts.table("packages") for line in _package(name)]
    lines += [*_model(), *_memory(), *_curl(), *_services()]
    for tool in tools:
        lines += _tool(tool)
    for verdict, sentence in lines:
        print(f"{f'[{verdict}]':6} {sentence}")
    absent = [texts.table("tools")[tool] for tool in tools if _missing(tool)]
    if any(verdict == FAIL for verdict, _ in lines):
        print(texts("stop_here"))
    elif absent:
        print(f"[{OK}]  ", texts("works_without", tools=texts("and").join(absent)))
    else:
        version = ".".join(map(str, sys.version_info[:3]))
        names = "".join(f", {texts.table('tools')[tool]}" for tool in tools)
        free = checks.free_memory_gb()
        print(f"[{OK}]  ", texts("ready", version=version, free=free, tools=names))


def needs(tool: str) -> None:
    """Skip the rest of the cell, and print the reason, if `tool` (docker or kubernetes) is missing.

    This must be the first line of the cell.
    """
    if _missing(tool):
        print("[--]  ", texts("cell_needs", tool=texts.table("tools")[tool]))


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
    if why := _missing(tool):
        return [(MISSING, texts("tool_missing", name=texts.table("tools")[tool], why=why))]
    if tool == "docker" and not _first_images():
        return [(MISSING, texts("images_missing"))]
    return []


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


def _package(name: str) -> list[Line]:
    purpose = texts.table("packages")[name]
    verdict = checks.package(name, purpose).verdict
    text = texts("package_missing", name=name, purpose=purpose)
    return [] if verdict == OK else [(verdict, text)]


def _model() -> list[Line]:
    missing = checks.shipped_model_mb() is None
    return [(FAIL, texts("model_missing", folder=SHIPPED))] if missing else []


def _memory() -> list[Line]:
    verdict = checks.memory().verdict
    text = texts("memory_low", free=checks.free_memory_gb())
    return [] if verdict == OK else [(verdict, text)]


def _curl() -> list[Line]:
    return [] if shutil.which("curl") else [(MISSING, texts("curl_missing"))]


def _services() -> list[Line]:
    methods = ", ".join(service.method for service in running())
    return [(MISSING, texts("running", methods=methods))] if methods else []
