"""The method `in-process`: one program that holds the model and answers clients."""

from hostlab.deployment import Deployment
from hostlab.runtime.engines import SETTING, chosen
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor, Program
from hostlab.runtime.progress import Progress, Sentence
from hostlab.runtime.state import Record


class InProcess(Deployment):
    """One process."""

    method = "in-process"
    by_hand = ("python deployments/in_process/service.py",)
    supervisor: ProcessSupervisor

    def __init__(self) -> None:
        self.supervisor = ProcessSupervisor(self.method)

    def launch(self, record: Record, progress: Progress) -> None:
        """Start service.py."""
        progress(Sentence("start.in_process"))
        program = COURSE / "in_process" / "service.py"
        settings = {SETTING: chosen()}
        self.supervisor.launch([Program("service", "both", program, free_port(), settings)], record)
