"""The method `in-process`: one program that holds the model and answers clients."""

from hostlab.deployment import Deployment
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor, Program
from hostlab.runtime.state import Record
from hostlab.types import Progress


class InProcess(Deployment):
    method = "in-process"
    by_hand = ("python deployments/in_process/service.py",)

    def __init__(self) -> None:
        self.supervisor = ProcessSupervisor(self.method)

    def launch(self, record: Record, progress: Progress) -> None:
        progress("Starting service.py: it loads the model and opens a port.")
        self.supervisor.launch(
            [Program("service", "both", COURSE / "in_process" / "service.py", free_port())], record
        )
