"""The first cell of a lesson: what is there, what is missing, and what of the lesson still works without it.

A cell that cannot run everywhere begins with `needs("docker")` or `needs("kubernetes")`. Where that is missing, the cell says so and
its other lines are left out: the lesson can be read, and run from top to bottom, on a laptop with neither. For this, `needs`
teaches the notebook to look at the first line of each cell; in any other Python it only speaks.
"""

import ast
import functools
import importlib.util
import os
import shutil
import sys
import warnings

import psutil
from IPython import get_ipython

from deployments.model import SHIPPED
from hostlab import get, running
from hostlab.errors import HostingLabError
from notebooks.lessons import texts

PACKAGES = {
    "torch": "runs the model",
    "transformers": "loads the model",
    "fastapi": "the services' HTTP interface",
    "requests": "sends requests from Python",
    "matplotlib": "draws the plots",
}


def look_around(*tools: str) -> None:
    """Print one line for each thing that a lesson needs, and whether it can begin.

    `tools`: what only some of its cells need, docker or kubernetes; they begin with `needs(...)`.
    """
    _stay_on_this_machine()
    warnings.filterwarnings(
        "ignore", message="IProgress not found"
    )  # tqdm wants ipywidgets for a prettier bar than anyone sees here
    lines = [_python(), *map(_package, PACKAGES), _model(), _memory(), _curl()]
    for tool in tools:
        lines += _tool(tool)
    lines.append(_services())
    for mark, sentence in lines:
        print(f"{mark:6} {sentence}")
    absent = [texts.TOOLS[tool] for tool in tools if _missing(tool)]
    if any(mark == "[FAIL]" for mark, _ in lines):
        print(texts.STOP_HERE)
    else:
        print(texts.WORKS_WITHOUT.format(tools=" and ".join(absent)) if absent else texts.ALL_WORKS)


def needs(tool: str) -> None:
    """The first line of a cell that needs docker or kubernetes: where it is missing, say so; the rest of the cell is left out then."""
    if _missing(tool):
        print("[--]  ", texts.CELL_NEEDS.format(tool=texts.TOOLS[tool]))


class _LeaveOut(ast.NodeTransformer):
    """Shorten a cell that begins with `needs(...)` to this one line where what it names is missing."""

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        match cell.body[:1]:
            case [ast.Expr(ast.Call(ast.Name("needs"), [ast.Constant(str(tool))]))] if _missing(
                tool
            ):
                cell.body = cell.body[:1]
        return cell


if notebook := get_ipython():
    notebook.ast_transformers = [
        one for one in notebook.ast_transformers if type(one).__name__ != _LeaveOut.__name__
    ] + [_LeaveOut()]


@functools.cache
def _missing(tool: str) -> str | None:
    """Return what the method of that name lacks on this machine, in sentences, or None; looked for once in a lesson."""
    return get(tool).missing_tools()


def _tool(tool: str) -> list[tuple[str, str]]:
    name = texts.TOOLS[tool]
    if why := _missing(tool):
        return [("[--]", texts.TOOL_MISSING.format(name=name, why=why))]
    lines = [("[OK]", texts.TOOL_OK.format(name=name))]
    if tool == "docker":
        lines.append(
            ("[OK]", texts.IMAGES_OK) if _images_are_built() else ("[--]", texts.IMAGES_MISSING)
        )
    return lines


def _images_are_built() -> bool:
    from hostlab.methods.docker import compose  # only where there is a Docker to ask

    try:
        return compose.images_are_built()
    except HostingLabError:
        return False


def _stay_on_this_machine() -> None:
    """Keep a school's proxy out of requests to this machine; curl and requests both read this setting."""
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name, "")
        if "127.0.0.1" not in others:
            os.environ[name] = ",".join(filter(None, [others, "127.0.0.1", "localhost"]))


def _python() -> tuple[str, str]:
    return "[OK]", texts.PYTHON_OK.format(
        version=".".join(map(str, sys.version_info[:3])), path=sys.executable
    )


def _package(name: str) -> tuple[str, str]:
    found = importlib.util.find_spec(name)
    return ("[OK]" if found else "[FAIL]"), (
        texts.PACKAGE_OK if found else texts.PACKAGE_MISSING
    ).format(name=name, purpose=PACKAGES[name])


def _model() -> tuple[str, str]:
    weights = SHIPPED / "model.safetensors"
    if not weights.exists():
        return "[FAIL]", texts.MODEL_MISSING.format(folder=SHIPPED)
    return "[OK]", texts.MODEL_OK.format(megabytes=weights.stat().st_size / 1e6)


def _memory() -> tuple[str, str]:
    free = psutil.virtual_memory().available / 1e9
    return (
        ("[OK]", texts.MEMORY_OK.format(free=free))
        if free > 1
        else ("[--]", texts.MEMORY_LOW.format(free=free))
    )


def _curl() -> tuple[str, str]:
    return ("[OK]", texts.CURL_OK) if shutil.which("curl") else ("[--]", texts.CURL_MISSING)


def _services() -> tuple[str, str]:
    methods = ", ".join(service.method for service in running())
    return (
        ("[--]", texts.RUNNING.format(methods=methods)) if methods else ("[OK]", texts.NOTHING_RUNS)
    )
