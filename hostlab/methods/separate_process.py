"""The method `separate-process`: the model in one process, the API in another, HTTP in between."""

from hostlab.deployment import Deployment
from hostlab.runtime.engines import SETTING, chosen
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor, Program
from hostlab.runtime.progress import Progress, Sentence
from hostlab.runtime.state import Record


class SeparateProcess(Deployment):
    """Two processes."""

    method = "separate-process"
    by_hand = (
        "python deployments/separate_process/model_service.py",
        "python deployments/separate_process/api_service.py",
    )
    supervisor: ProcessSupervisor

    def __init__(self) -> None:
        self.supervisor = ProcessSupervisor(self.method)

    def launch(self, record: Record, progress: Progress) -> None:
        """Start model_service.py and api_service.py."""
        progress(Sentence("start.separate_process"))
        folder, model_port = COURSE / "separate_process", free_port()
        upstream = {"MODEL_URL": f"http://127.0.0.1:{model_port}"}
        settings = {SETTING: chosen()}
        model = Program("model_service", "model", folder / "model_service.py", model_port, settings)
        api = Program("api_service", "api", folder / "api_service.py", free_port(), upstream)
        self.supervisor.launch([model, api], record)
