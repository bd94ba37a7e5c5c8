"""Which of this machine's shared tools a test needs, found by the test's ID.

pytest-xdist distributes tests by their IDs, so markers would come too late.
"""

import os
from collections.abc import Sequence

ENGINE = "engine"  # the Docker engine
CLUSTER = "cluster"  # the Kubernetes cluster
BOTH = frozenset({ENGINE, CLUSTER})

_PARTS = {
    "test_five_methods.py": BOTH,
    "test_nothing_stays_when_the_kernel_of_a_lesson_is_killed": BOTH,
    "06_compare.ipynb": BOTH,
    "tests/monitoring/test_kubernetes.py": BOTH,  # it builds an image
    "tests/kubernetes/": {CLUSTER},
    "tests/notebooks/test_checks_kubernetes.py": {CLUSTER},
    "tests/notebooks/test_kubernetes_timeline.py": {CLUSTER},
    "04_kubernetes.ipynb": {CLUSTER},
    "tests/docker/": {ENGINE},
    "tests/api/test_container.py": {ENGINE},
    "tests/browser/test_network_changes.py": {ENGINE},
    "tests/monitoring/test_docker.py": {ENGINE},
    "tests/notebooks/test_check_scaling.py": {ENGINE},
    "tests/notebooks/test_checks_docker.py": {ENGINE},
    "03_docker.ipynb": {ENGINE},
}
TOOL_OF = {"docker": ENGINE, "kubernetes": CLUSTER}  # by method
_MARKERS = {"docker": ENGINE, "kubernetes": CLUSTER}
_LONGEST = (
    "notebooks/solutions/",
    "notebooks/ru/",
    "tests/tool/test_classroom.py",
    "tests/notebooks/test_checks_project.py",
)
# These wait for most of their time: for the seconds of a measurement, or for a time-out.
_WAITING = (
    "tests/api/",
    "tests/contract/test_faults.py",
    "tests/demo/",
    "tests/guests/",
    "tests/measure/",
    "tests/monitoring/",
    "tests/notebooks/",
)
_COMPUTING = ("tests/browser/", "tests/contract/test_contract.py", "tests/model/", "tests/tool/")


def needs(test_id: str) -> frozenset[str]:
    """Return ENGINE, CLUSTER, both, or none of them.

    Where HOSTLAB_WITHOUT_TOOLS names the beginning of the ID, none.
    """
    without = os.environ.get("HOSTLAB_WITHOUT_TOOLS")
    if without and test_id.startswith(without):
        return frozenset()
    function, _, parameters = test_id.partition("[")
    if function.startswith("tests/contract/"):
        return frozenset(
            TOOL_OF[one] for one in parameters.rstrip("]").split("-") if one in TOOL_OF
        )
    return frozenset(next((tools for part, tools in _PARTS.items() if part in function), ()))


def unlisted(test_id: str, markers: set[str]) -> set[str]:
    """Return the tools that a test's markers name, and `needs` does not."""
    return {_MARKERS[marker] for marker in markers & _MARKERS.keys()} - needs(test_id)


def scope(test_id: str) -> str:
    """Return the name of the tests that run in one process, one after the other."""
    needed = needs(test_id)
    if not needed:
        return test_id.partition("::")[0]
    return ENGINE if ENGINE in needed else CLUSTER


def order(test_id: str) -> int:
    """Return a test's place: first what takes the longest.

    Tests that need both tools are the last of those with the engine. By then, the tests with the
    cluster have ended, and nobody waits.
    """
    needed = needs(test_id)
    if needed:
        return [{ENGINE}, {CLUSTER}, BOTH].index(set(needed))
    return 3 if test_id.startswith(_LONGEST) else 4


def mixed(files: Sequence[str]) -> list[str]:
    """Return files so that those that wait are spread among those that compute; small ones last.

    In alphabetical order, browser tests would share the processor with each other, and the waiting
    would be left for the end, when nothing else is there to do.
    """
    place = dict.fromkeys(files, 1.0)
    for kind in (_WAITING, _COMPUTING):
        part = [file for file in files if file.startswith(kind)]
        place |= {file: (number + 0.5) / len(part) for number, file in enumerate(part)}
    return sorted(files, key=place.__getitem__)
