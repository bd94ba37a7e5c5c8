"""The method `in-process`: one program that holds the model and answers clients."""

from pathlib import Path

from ..base import Deployment, Progress
from ..processes import ProcessHost, Program, free_port
from ..state import Record


class InProcess(Deployment):
    method = "in-process"
    by_hand = ("python deployments/in_process/service.py",)

    def __init__(self) -> None:
        self.host = ProcessHost(self.method)

    def launch(self, record: Record, progress: Progress) -> None:
        progress("Starting service.py: it loads the model and opens a port.")
        self.host.launch([Program("service", Path(__file__).with_name("service.py"), free_port())], record)
