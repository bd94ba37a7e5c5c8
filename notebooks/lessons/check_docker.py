"""The checks of lesson 03.

They create containers next to the running ones, or kill a running one, and observe the result.
"""

import contextlib
import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from docker.types import Healthcheck

from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.methods.docker import engine
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons import held_model
from notebooks.lessons.docker_containers import (
    API_IMAGE,
    MODEL_IMAGE,
    NS_PER_S,
    api_container,
    details_of,
    execute,
    first_response,
    models,
    ready_models,
    temporary_container,
)
from notebooks.lessons.docker_health import (
    last_line,
    seconds_until_healthy,
    test_of,
    watch_while_held,
)
from notebooks.lessons.texts import LessonTexts
from notebooks.lessons.verdict import NotSolved, Wrong, check, doing, is_missing, require, run

texts = LessonTexts("docker")

IMAGES_OWN = "healthcheck.py"  # the command that the images bring
IMAGE_USER = "10001:10001"  # the user that the images set
# A late response is not a failure: on a busy laptop, one can take seconds.
RESPONSE_TIMEOUT_S = 20.0
RATE_PER_S, AFTER_KILL_S = 10.0, 4.0
MIN_SHARE = 0.25
# What each container may do, and what find_out() should return for it. The settings alone do not
# tell: root has two names, and what a user may write also depends on the folder.
CASES: dict[str, tuple[dict[str, Any], tuple[bool, bool]]] = {
    "root": ({"user": "root"}, (True, True)),
    "root_read_only": ({"user": "0:10001", "read_only": True}, (True, False)),
    "open_folder": ({"user": IMAGE_USER}, (False, True)),
    "closed_folder": ({"user": IMAGE_USER}, (False, False)),
}
OPEN_FOLDER = ["chmod", "777", "/app"]


@check
def check_healthcheck(healthcheck: Any, service: Docker) -> str:
    """Start a model container with the student's health check.

    Docker must report it as healthy when its program is ready, and not before. The check itself
    decides when the model loads. Otherwise, a fast computer would hide a wrong command.
    """
    require(service)
    if is_missing(healthcheck):
        raise NotSolved(texts("health_unsolved"))
    if not isinstance(healthcheck, dict):
        raise Wrong(texts("health_no_dictionary", found=healthcheck))
    doing(texts("health_trying"))
    test, timeout_s = test_of(healthcheck)
    if any(IMAGES_OWN in part for part in test):
        raise Wrong(texts("health_own"))
    model = ready_models(service)[0]
    command = ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
    status, output = execute(model.id, command)
    if status:
        raise Wrong(texts("health_live", status=status, output=last_line(output)))
    details = details_of(model.id)
    environment = dict(one.partition("=")[::2] for one in details["Config"]["Env"])
    settings: dict[str, Any] = {
        "environment": environment | held_model.SETTINGS,
        "nano_cpus": details["HostConfig"]["NanoCpus"],
        "read_only": True,
        "tmpfs": {"/tmp": ""},
        "healthcheck": Healthcheck(
            test=test, interval=NS_PER_S, timeout=int(timeout_s * NS_PER_S), retries=1000
        ),
    }
    held = held_model.hold(details["Config"]["Cmd"])
    doing(texts("health_watching"))
    with temporary_container(service, MODEL_IMAGE, held, **settings) as id_:
        watch_while_held(id_)
        execute(id_, held_model.RELEASE)
        return texts("health_ok", seconds=seconds_until_healthy(id_))


@check
def check_survives(prepare: Callable[[Docker], Any], service: Docker) -> str:
    """Let the student prepare, then kill a model container under ten requests per second."""
    require(service)
    doing(texts("survives_beginning"))
    service.start()
    if len(models(service)) > 1:
        service.scale(1)
    doing(texts("survives_preparing"))
    run(prepare, service)
    if len(models(service)) < 2:
        raise NotSolved(texts("survives_unsolved"))
    if (ready := len(ready_models(service))) < 2:
        count = len(models(service))
        raise Wrong(texts("survives_not_ready", ready=ready, count=count))
    doing(texts("survives_killing"))
    shares = _requests_by_container(service)
    open_load = OpenLoad(
        service.url, rate_per_s=RATE_PER_S, arrivals="constant", timeout_s=RESPONSE_TIMEOUT_S
    )
    with open_load:
        time.sleep(1)
        name = service.kill()
        time.sleep(AFTER_KILL_S)
    service.start()  # returns when it is ready again
    count = len(open_load.samples)
    failed = Counter(sample.status or texts("no_response") for sample in open_load.lost)
    if failed:
        kinds = ", ".join(f"{kind}: {number}" for kind, number in failed.items())
        lost = failed.total()
        raise Wrong(texts("survives_lost", name=name, lost=lost, count=count, kinds=kinds))
    least = min((shares[one.name] for one in models(service)), default=0) / max(1, shares.total())
    if least < MIN_SHARE / max(1, len(models(service)) - 1):
        raise Wrong(texts("survives_share", count=len(models(service)), share=least))
    shares_text = ", ".join(f"{share / shares.total():.0%}" for share in shares.values())
    return texts("survives_ok", models=len(shares), shares=shares_text, name=name, count=count)


def _requests_by_container(service: Docker) -> Counter[str]:
    """Return how many requests each model container handled in two seconds."""
    names = {one.id: one.name for one in service.supervisor.containers()}
    with ClosedLoad(service.url, users=4, timeout_s=30) as load:
        time.sleep(3)
    return Counter(
        names.get(one.replica, one.replica)
        for one in load.samples
        if one.status == 200 and one.replica and one.due_s > 1
    )


@check
def check_find_out(find_out: Callable[[str], Any], service: Docker) -> str:
    """Call the student's function with the running API container and with less safe ones."""
    require(service)
    doing(texts("find_trying", count=1 + len(CASES)))
    service.url  # raises NotRunning  # noqa: B018
    api = next(one.id for one in service.supervisor.containers() if one.role == "api")
    _compare("live", find_out, api, (False, False))
    for case, (rights, expected) in CASES.items():
        with temporary_container(service, API_IMAGE, ["sleep", "600"], **rights) as id_:
            if case == "open_folder":
                execute(id_, OPEN_FOLDER, user="0")
            _compare(case, find_out, id_, expected)
    return texts("find_ok", count=1 + len(CASES))


def _compare(
    case: str, find_out: Callable[[str], Any], id_: str, expected: tuple[bool, bool]
) -> None:
    before, name = _files(id_), texts.table("find_cases")[case]
    found = run(find_out, id_)
    if is_missing(found):
        raise NotSolved(texts("find_unsolved"))
    is_pair = isinstance(found, tuple | list) and len(found) == 2
    if not (is_pair and all(isinstance(one, bool) for one in found)):
        raise Wrong(texts("find_form", found=found))
    for output, right, wrong in zip(found, expected, ("find_root", "find_write"), strict=True):
        if output != right:
            raise Wrong(texts(wrong, case=name, found=output))
    if left := _files(id_) - before:
        raise Wrong(texts("find_left", case=name, left=", ".join(left)))


def _files(id_: str) -> set[str]:
    """Return the names in /app, which is never empty.

    A busy engine can lose the output of a command that ends at once, so it is asked again.
    """
    listings = (execute(id_, ["ls", "/app"])[1].split() for _ in range(5))
    return set(next(filter(None, listings), ()))


@check
def check_options(options: Any, service: Docker) -> str:
    """Start the API's image with the student's options, and send it a text."""
    require(service)
    if is_missing(options):
        raise NotSolved(texts("options_unsolved"))
    is_list = isinstance(options, list | tuple) and all(isinstance(one, str) for one in options)
    if not is_list or any(one.startswith("-") and " " in one for one in options):
        raise Wrong(texts("options_no_list", found=options))
    service.url  # raises NotRunning  # noqa: B018
    doing(texts("options_starting"))
    with api_container(service, list(options)) as id_:
        if details_of(id_)["HostConfig"]["NetworkMode"] == "host":
            raise Wrong(texts("options_host"))
        response, details = first_response(id_), details_of(id_)
    environment = dict(one.partition("=")[::2] for one in details["Config"]["Env"])
    model_url = environment.get("MODEL_URL", texts("not_set"))
    if response.status_code != 200:
        raise Wrong(_explained(response, details, model_url))
    host = urlsplit(model_url).hostname or ""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        raise Wrong(texts("options_address", host=host))
    if _is_one_container(service, host):
        raise Wrong(texts("options_one", host=host))
    return texts("options_ok", label=response.json()[0]["label"])


def _is_one_container(service: Docker, host: str) -> bool:
    """Return whether a name in the network is that of one container, not of the service."""
    project = service.supervisor.project().name
    return any(host in (one.id, f"{project}-{one.name}") for one in service.supervisor.containers())


def _explained(response: requests.Response, details: engine.Details, model_url: str) -> str:
    problem = response.json()
    return texts(
        "options_wrong",
        status=response.status_code,
        title=problem.get("title"),
        detail=problem.get("detail"),
        model_url=model_url,
        networks=", ".join(details["NetworkSettings"]["Networks"]),
    )
