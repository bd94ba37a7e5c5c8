"""The checks of lesson 03: they make containers of their own beside the live ones, or kill one of
those, and look at what happens.

All that is made here carries the label of the service's Compose project: it ends with the run, also
when the notebook is killed in the middle.
"""

import contextlib
import ipaddress
import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from docker.types import Healthcheck

from hostlab.errors import Unavailable
from hostlab.measure.load.generator import ClosedLoad, OpenLoad
from hostlab.methods.docker import engine
from hostlab.methods.docker.compose import IMAGES, VERSION
from hostlab.methods.docker.deployment import Docker
from notebooks.lessons import texts_docker as texts
from notebooks.lessons.verdict import NotSolved, Wrong, check, require, run

MODEL_IMAGE, API_IMAGE = (f"{image}:{VERSION}" for image in IMAGES)
NOBODY = "10001:10001"  # the images' own user
IS_READY = ["python", "-S", "healthcheck.py"]  # the images' own health check
NS_PER_S = 1_000_000_000
TIMEOUT_S, LATE_S = 90.0, 8.0
LAST_ANSWER_S = 20.0  # an answer that is late is no failure: on a busy laptop one may take seconds
RATE_PER_S, AFTER_KILL_S = 10.0, 4.0
LEAST_SHARE = 0.25
CASES: dict[
    str, tuple[dict[str, Any], tuple[bool, bool]]
] = {  # what each container may do, and what find_out() should say of it
    "root": ({"user": "0"}, (True, True)),
    "root, read-only": ({"user": "0", "read_only": True}, (True, False)),
    "open folder": ({"user": NOBODY}, (False, True)),
}
OPEN_FOLDER = ["chmod", "777", "/app"]


@check
def check_healthcheck(healthcheck: Any, service: Docker) -> str:
    """Let the engine ask a new model container with the student's command, and see whether it calls
    it healthy when its program is ready.
    """
    require(service)
    if healthcheck is None or healthcheck is ...:
        raise NotSolved(texts.HEALTH_UNSOLVED)
    if not isinstance(healthcheck, dict):
        raise Wrong(texts.HEALTH_NO_DICTIONARY.format(found=healthcheck))
    command = _test_of(healthcheck)
    model = _ready_models(service)[0]
    status, output = _exec(
        model, ["sh", "-c", command[1]] if command[0] == "CMD-SHELL" else command[1:]
    )
    if status:
        raise Wrong(texts.HEALTH_LIVE.format(status=status, output=_last_line(output)))
    details = details_of(model.id)
    like_it: dict[str, Any] = {
        "environment": details["Config"]["Env"],
        "nano_cpus": details["HostConfig"]["NanoCpus"],
        "read_only": True,
        "tmpfs": {"/tmp": ""},
    }
    asks_often = Healthcheck(test=command, interval=NS_PER_S, timeout=5 * NS_PER_S, retries=1000)
    with _container(service, MODEL_IMAGE, healthcheck=asks_often, **like_it) as id_:
        started, ready_since = time.monotonic(), None
        while (now := time.monotonic()) - started < TIMEOUT_S:
            health = details_of(id_)["State"]["Health"]
            ready = _exec(id_, IS_READY)[0] == 0
            if health["Status"] == "healthy":
                if not ready:
                    raise Wrong(texts.HEALTH_EARLY)
                return texts.HEALTH_OK.format(seconds=now - started)
            ready_since = ready_since or (now if ready else None)
            if ready_since and now - ready_since > LATE_S:
                output = health["Log"][-1]["Output"] if health["Log"] else ""
                raise Wrong(
                    texts.HEALTH_LATE.format(seconds=now - ready_since, output=_last_line(output))
                )
            time.sleep(0.3)
    raise Wrong(texts.HEALTH_NEVER.format(seconds=TIMEOUT_S))


@check
def check_survives(prepare: Callable[[Docker], Any], service: Docker) -> str:
    """Let the student prepare, then kill a model container while ten requests a second come."""
    require(service)
    service.start()
    if len(models(service)) > 1:
        service.scale(1)
    run(prepare, service)
    if len(models(service)) < 2:
        raise NotSolved(texts.SURVIVES_UNSOLVED)
    url, names = service.url, {one.id: one.name for one in service.supervisor.containers()}
    shares: Counter[str] = Counter()
    if len(_ready_models(service)) > 1:
        with ClosedLoad(url, users=4, timeout_s=30) as load:
            time.sleep(3)
        shares.update(
            names.get(one.replica, one.replica)
            for one in load.samples
            if one.status == 200 and one.replica and one.due_s > 1
        )
    open_load = OpenLoad(url, rate_per_s=RATE_PER_S, arrivals="constant", timeout_s=LAST_ANSWER_S)
    with open_load:
        time.sleep(1)
        name = service.kill()
        time.sleep(AFTER_KILL_S)
    service.start()  # returns when it serves again
    failed = Counter(sample.status or texts.NO_ANSWER for sample in open_load.lost)
    if failed:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in failed.items())
        raise Wrong(
            texts.SURVIVES_LOST.format(
                name=name, lost=failed.total(), count=len(open_load.samples), kinds=kinds
            )
        )
    least = min((shares[one.name] for one in models(service)), default=0) / max(1, shares.total())
    if least < LEAST_SHARE / max(1, len(models(service)) - 1):
        raise Wrong(texts.SURVIVES_SHARE.format(count=len(models(service)), share=least))
    shares_text = ", ".join(f"{share / shares.total():.0%}" for share in shares.values())
    return texts.SURVIVES_OK.format(shares=shares_text, name=name, count=len(open_load.samples))


@check
def check_find_out(find_out: Callable[[str], Any], service: Docker) -> str:
    """Ask the student's function about the live API container, and about some that may do more."""
    require(service)
    api = (
        next(one.id for one in service.supervisor.containers() if one.role == "api")
        if service.url
        else ""
    )
    _compare("live", find_out, api, (False, False))
    for case, (rights, truth) in CASES.items():
        with _container(service, API_IMAGE, ["sleep", "600"], **rights) as id_:
            if case == "open folder":
                _exec(id_, OPEN_FOLDER, user="0")
            _compare(case, find_out, id_, truth)
    return texts.FIND_OK.format(count=1 + len(CASES))


@check
def check_options(options: Any, service: Docker) -> str:
    """Start the API's image by hand with the student's options, and ask it for a prediction."""
    require(service)
    if options is None or options is ...:
        raise NotSolved(texts.OPTIONS_UNSOLVED)
    if not isinstance(options, list) or not all(isinstance(word, str) for word in options):
        raise Wrong(texts.OPTIONS_NO_LIST.format(found=options))
    service.url  # raises where it does not run  # noqa: B018
    with _run_by_hand(service, options) as id_:
        answer = first_answer(id_)
        details = details_of(id_)
        model_url = dict(one.partition("=")[::2] for one in details["Config"]["Env"]).get(
            "MODEL_URL", "not set"
        )
        if answer.status_code != 200:
            output, networks = answer.json(), ", ".join(details["NetworkSettings"]["Networks"])
            words = {
                "title": output.get("title"),
                "detail": output.get("detail"),
                "model_url": model_url,
                "networks": networks,
            }
            raise Wrong(texts.OPTIONS_WRONG.format(status=answer.status_code, **words))
        host = urlsplit(model_url).hostname or ""
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(host)
            raise Wrong(texts.OPTIONS_ADDRESS.format(host=host))
        return texts.OPTIONS_OK.format(label=answer.json()[0]["label"])


def _test_of(healthcheck: dict[str, Any]) -> list[str]:
    """Return the command of a health check as Compose understands it: CMD or CMD-SHELL, and what is
    run.
    """
    file = json.dumps(
        {"services": {"model-service": {"image": MODEL_IMAGE, "healthcheck": healthcheck}}},
        default=str,
    )
    command = [
        "docker",
        "compose",
        "--project-name",
        "exercise",
        "--file",
        "-",
        "config",
        "--format",
        "json",
    ]
    done = subprocess.run(command, input=file, capture_output=True, text=True)
    if done.returncode:
        raise Wrong(texts.HEALTH_REJECTED.format(message=_last_line(done.stderr)))
    test = (
        json.loads(done.stdout)["services"]["model-service"].get("healthcheck", {}).get("test")
        or []
    )
    if len(test) < 2:
        raise Wrong(texts.HEALTH_NO_TEST)
    return [
        word.replace("$$", "$") for word in test
    ]  # Compose writes $ so that it can read it again


def _last_line(output: str) -> str:
    return (output.strip() or texts.HEALTH_SILENT).splitlines()[-1]


def _compare(case: str, find_out: Callable[[str], Any], id_: str, truth: tuple[bool, bool]) -> None:
    before, name = _exec(id_, ["ls", "/app"])[1], texts.FIND_CASES[case]
    found = run(find_out, id_)
    if found is None or found is ...:
        raise NotSolved(texts.FIND_UNSOLVED)
    if not (
        isinstance(found, tuple | list)
        and len(found) == 2
        and all(isinstance(one, bool) for one in found)
    ):
        raise Wrong(texts.FIND_FORM.format(found=found))
    for output, right, sentence in zip(
        found, truth, (texts.FIND_ROOT, texts.FIND_WRITE), strict=True
    ):
        if output != right:
            raise Wrong(sentence.format(case=name, found=output))
    if left := set(_exec(id_, ["ls", "/app"])[1].split()) - set(before.split()):
        raise Wrong(texts.FIND_LEFT.format(case=name, left=", ".join(left)))


def models(service: Docker) -> list[engine.Container]:
    """Return the model containers of a service that run."""
    return [
        one
        for one in service.supervisor.containers()
        if one.role == "model" and one.state == "running"
    ]


def _ready_models(service: Docker) -> list[engine.Container]:
    service.url  # raises where it does not run  # noqa: B018
    return [one for one in models(service) if one.ready]


def _exec(container: engine.Container | str, command: list[str], user: str = "") -> tuple[int, str]:
    """Run a command in a container, as its own user where none is named; return its exit status and
    what it printed.
    """
    client = engine.api()
    with engine.engine_errors():
        exec_id = client.exec_create(getattr(container, "id", container), command, user=user)["Id"]
        output = client.exec_start(exec_id).decode(errors="replace").strip()
        return client.exec_inspect(exec_id)["ExitCode"], output


@contextlib.contextmanager
def _container(
    service: Docker, image: str, command: list[str] | None = None, **settings: Any
) -> Iterator[str]:
    """Run a container without a network, which ends with the service's run.

    `settings` are docker-py's, of a container or of its host.
    """
    client, labels = engine.api(), {engine.PROJECT: service.supervisor.project().name}
    with engine.engine_errors():
        own = {
            name: settings.pop(name)
            for name in ("user", "environment", "healthcheck")
            if name in settings
        }
        host = client.create_host_config(network_mode="none", init=True, **settings)
        id_ = client.create_container(image, command, labels=labels, host_config=host, **own)["Id"]
        try:
            client.start(id_)
            yield id_
        finally:
            client.remove_container(id_, force=True, v=True)


@contextlib.contextmanager
def _run_by_hand(service: Docker, options: list[str]) -> Iterator[str]:
    command = [
        "docker",
        "run",
        "--detach",
        "--publish",
        "127.0.0.1::5000",
        "--label",
        f"{engine.PROJECT}={service.supervisor.project().name}",
    ]
    done = subprocess.run([*command, *options, API_IMAGE], capture_output=True, text=True)
    id_ = done.stdout.strip().rpartition("\n")[2]
    try:
        if done.returncode:
            raise Wrong(
                texts.OPTIONS_REJECTED.format(message=done.stderr.strip().partition("\n")[0])
            )
        yield id_
    finally:
        if id_:  # also of one that was made, and could not be started
            subprocess.run(["docker", "rm", "--force", "--volumes", id_], capture_output=True)


def first_answer(id_: str, timeout_s: float = 30.0) -> requests.Response:
    """Ask a new API container until somebody answers."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        details = details_of(id_)
        if details is None or not details["State"]["Running"]:
            output = subprocess.run(
                ["docker", "logs", "--tail", "2", id_], capture_output=True, text=True
            )
            raise Wrong(texts.OPTIONS_EXITED.format(log=(output.stdout + output.stderr).strip()))
        bound = details["NetworkSettings"]["Ports"].get("5000/tcp")
        with contextlib.suppress(requests.ConnectionError):
            if bound:
                return requests.post(
                    f"http://127.0.0.1:{bound[0]['HostPort']}/predict",
                    json={"text": "What a lovely film!"},
                    timeout=timeout_s,
                )
        time.sleep(0.2)
    raise Wrong(texts.OPTIONS_SILENT.format(seconds=timeout_s))


def details_of(id_: str) -> engine.Details:
    """Return what the engine knows of a container that exists."""
    details = engine.inspect(id_)
    if details is None:
        raise Unavailable(f"The container {id_} is gone. Run the cell again.")
    return details
