"""What every method's deployment has to keep to, without starting anything."""

import inspect
import typing

import pytest

from hostlab import METHODS, Unsupported, get
from hostlab.deployment import Deployment
from hostlab.errors import StartFailed
from hostlab.runtime import state
from hostlab.types import Capability, Component, ComponentLog, ForeignRun, RunInfo, Supervisor

METHOD_OF = {
    Capability.SCALE: "scale",
    Capability.ROLLOUT: "update",
    Capability.ROLLBACK: "rollback",
    Capability.EVICT: "evict",
    Capability.AUTOSCALE: "autoscale",
}
ARGUMENTS: dict[str, tuple[object, ...]] = {"scale": (2,), "update": ("1.1",)}


class StubSupervisor:
    """Says that a run has failed, and has these logs."""

    def __init__(self, logs: list[ComponentLog]) -> None:
        self.logs = logs

    def find(self) -> RunInfo | None:
        return RunInfo("run", "failed", None, None, "The model died.")

    def others(self) -> list[ForeignRun]:
        return []

    def end_others(self) -> list[str]:
        raise NotImplementedError

    def components(self) -> list[Component]:
        return []

    def recover(self) -> None:
        raise StartFailed("It died again.", "from the command")

    def kill(self, name: str | None) -> str:
        raise NotImplementedError

    def suspend(self, name: str) -> None:
        raise NotImplementedError

    def usage(self, component: Component) -> tuple[float | None, int | None]:
        return None, None

    def component_logs(self, tail: int) -> list[ComponentLog]:
        return [ComponentLog(log.name, log.lines[-tail:], log.note) for log in self.logs]

    def shut_down(self) -> None:
        raise NotImplementedError


class StubDeployment(Deployment):
    method = "stub"

    def __init__(self, *logs: ComponentLog) -> None:
        self.supervisor: Supervisor = StubSupervisor(list(logs))

    def launch(self, record: state.Record, progress: object) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("capability", METHOD_OF)
def test_capabilities_are_what_the_class_overrides(method: str, capability: Capability) -> None:
    deployment, name = get(method), METHOD_OF[capability]
    overrides = getattr(type(deployment), name) is not getattr(Deployment, name)
    assert (capability in deployment.capabilities) is overrides


@pytest.mark.parametrize(
    ("method", "capability"),
    [
        (method, capability)
        for method in METHODS
        for capability in METHOD_OF
        if capability not in get(method).capabilities
    ],
)
def test_what_a_method_lacks_is_an_error_with_the_capability(
    method: str, capability: Capability
) -> None:
    deployment, name = get(method), METHOD_OF[capability]
    with pytest.raises(Unsupported, match=f"^{method} ") as error:
        getattr(deployment, name)(*ARGUMENTS.get(name, ()))
    assert error.value.capability is capability


@pytest.mark.parametrize("method", METHODS)
def test_every_supervisor_has_the_methods_of_the_protocol(method: str) -> None:
    supervisor = get(method).supervisor
    for name, function in inspect.getmembers(Supervisor, inspect.isfunction):
        if not name.startswith("_"):
            actual = inspect.signature(getattr(type(supervisor), name)).parameters
            assert list(actual) == list(inspect.signature(function).parameters), name


def test_capabilities_have_a_method_each() -> None:
    assert set(METHOD_OF) | {Capability.SUSPEND} == set(Capability)
    assert typing.get_type_hints(Deployment)["supervisor"] is Supervisor


def test_logs_are_the_text_of_component_logs() -> None:
    deployment = StubDeployment(
        ComponentLog("api", ["one", "two", "three"]),
        ComponentLog("model", ["killed"], "until it ended"),
        ComponentLog("model", ["ready"], "started again"),
    )
    assert deployment.logs(2) == (
        "--- api\ntwo\nthree\n--- model, until it ended\nkilled\n--- model, started again\nready"
    )
    assert [log.lines for log in deployment.component_logs(1)] == [["three"], ["killed"], ["ready"]]


def test_a_failed_restart_keeps_the_summary_apart_from_the_logs() -> None:
    with pytest.raises(StartFailed) as failed:
        StubDeployment(ComponentLog("model", ["the reason"])).start()
    error = failed.value
    assert error.summary == "stub could not be restarted. It died again."
    assert error.log_tail == "from the command\n--- model\nthe reason"
    assert str(error) == f"{error.summary}\n\nThe last log lines:\n{error.log_tail}"
