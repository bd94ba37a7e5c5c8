"""Which tool a test needs, by its ID."""

import pytest

from tests.needs import BOTH, CLUSTER, ENGINE, mixed, needs, scope, unlisted

CONTRACT = "tests/contract/test_contract.py::test_one_text"


@pytest.mark.parametrize(
    ("test_id", "needed"),
    [
        (f"{CONTRACT}[docker]", {ENGINE}),
        (f"{CONTRACT}[kubernetes-{{}}-required]", {CLUSTER}),
        (f"{CONTRACT}[separate-process-torch]", set()),
        ("tests/docker/test_exits.py::test_an_exit", {ENGINE}),
        ("tests/browser/test_five_methods.py::test_five_rows_one_label", BOTH),
        ("notebooks/solutions/04_kubernetes.ipynb::04_kubernetes.ipynb", {CLUSTER}),
        ("notebooks/ru/03_docker.ipynb::03_docker.ipynb", {ENGINE}),
        ("tests/unit/test_lock.py::test_the_lock", set()),
    ],
)
def test_what_a_test_needs(test_id: str, needed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOSTLAB_WITHOUT_TOOLS", raising=False)  # CI sets it
    assert needs(test_id) == needed


def test_lessons_can_run_without_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTLAB_WITHOUT_TOOLS", "notebooks/ru/")
    assert needs("notebooks/ru/solutions/03_docker.ipynb::03_docker.ipynb") == set()
    assert needs("notebooks/solutions/03_docker.ipynb::03_docker.ipynb") == {ENGINE}


def test_tests_with_the_same_tool_run_in_one_process() -> None:
    assert scope(f"{CONTRACT}[docker]") == scope("tests/docker/test_exits.py::a") == ENGINE
    assert scope(f"{CONTRACT}[kubernetes]") == CLUSTER
    assert scope(f"{CONTRACT}[api]") == "tests/contract/test_contract.py"


def test_a_marked_test_that_is_not_listed_is_found() -> None:
    assert unlisted("tests/tool/test_new.py::test", {"docker", "timeout"}) == {ENGINE}
    assert unlisted("tests/docker/test_exits.py::test", {"docker"}) == set()


def test_files_that_wait_are_spread_among_those_that_compute() -> None:
    files = ["tests/api/a", "tests/api/b", "tests/browser/c", "tests/browser/d", "tests/unit/e"]
    order = ["tests/api/a", "tests/browser/c", "tests/api/b", "tests/browser/d", "tests/unit/e"]
    assert mixed(files) == order
