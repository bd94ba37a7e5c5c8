"""The method `separate-process`: the model in one process, the API in another, HTTP between them."""

from pathlib import Path

from ..base import Deployment, Progress
from ..processes import ProcessHost, Program, free_port
from ..state import Record


class SeparateProcess(Deployment):
    method = "separate-process"
    by_hand = ("python deployments/separate_process/model_service.py", "python deployments/separate_process/api_service.py")

    def __init__(self) -> None:
        self.host = ProcessHost(self.method)

    def launch(self, record: Record, progress: Progress) -> None:
        progress("Starting model_service.py, which loads the model, and api_service.py, which asks it.")
        here, model_port = Path(__file__).parent, free_port()
        model = Program("model_service", here / "model_service.py", model_port)
        api = Program("api_service", here / "api_service.py", free_port(), {"MODEL_URL": f"http://127.0.0.1:{model_port}"})
        self.host.launch([model, api], record)
