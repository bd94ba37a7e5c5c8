"""What `docker compose` prints, as progress."""

import pytest

from hostlab.methods.docker.progress import SLOW_S, ComposeProgress
from hostlab.runtime.progress import Sentence

CACHED = """
#5 [model-service base 1/2] FROM docker.io/library/python:3.11-slim
#5 DONE 0.0s
#7 [model-service torch 1/1] RUN --mount=type=cache,target=/root/.cache/pip pip install
#7 CACHED
#6 [model-service model-service 2/6] COPY deployments/docker/requirements-model.txt ./
#6 CACHED
#21 exporting to image
#21 exporting layers done
#21 DONE 0.1s
"""


class Reported(ComposeProgress):
    """Progress with a clock that stands still unless it is set."""

    def __init__(self) -> None:
        self.reported: list[Sentence] = []
        self.now = 0.0
        super().__init__("hosting-lab-abc", self.reported.append, lambda: self.now)

    @property
    def sentences(self) -> list[str]:
        """What it has reported, in English."""
        return [one.text("en") for one in self.reported]


@pytest.fixture
def reported() -> Reported:
    return Reported()


def test_a_build_from_the_cache_is_no_news(reported: Reported) -> None:
    for line in CACHED.splitlines():
        reported.read(line)
    reported.now += 10 * SLOW_S
    reported.tick()
    assert reported.sentences == []


def test_a_step_is_reported_when_it_takes_a_while(reported: Reported) -> None:
    reported.read("#7 [model-service torch 1/1] RUN pip install")
    reported.read("#6 [api-service api-service 2/6] COPY deployments/services")
    reported.tick()
    assert reported.sentences == []
    reported.read("#6 DONE 0.1s")
    reported.now += SLOW_S
    reported.tick()
    reported.tick()
    assert reported.sentences == ["Building the image model-service, torch, step 1/1."]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "#9 12.31 Downloading transformers-5.23.0-py3-none-any.whl (13.3 MB)",
            ["Downloading transformers-5.23.0-py3-none-any.whl (13.3 MB)."],
        ),
        ("#9 1.2 Downloading rich-15.0.0-py3-none-any.whl (310 kB)", []),
        ("#9 1.2 Downloading onnx-1.23.2-cp311-cp311-manylinux1.whl (8.9 MB)", []),
        ("#9 1.2 Downloading https://pypi.example/simple/torch-2.13.0.whl.metadata", []),
        (
            "#9 1.2 Downloading torch-2.13.0.whl (2.8 GB)",
            ["Downloading torch-2.13.0.whl (2.8 GB)."],
        ),
        ("#9 1.2 Processing /wheels/torch-2.13.0.whl", ["Unpacking torch-2.13.0.whl."]),
        ("#9 1.2 Installing collected packages: torch", ["Installing the packages."]),
        (
            " Container hosting-lab-abc-model-service-1  Starting",
            ["model-service-1 starts; waiting until it is ready."],
        ),
        (" Container hosting-lab-abc-model-service-1  Started", []),
        (" Container hosting-lab-abc-api-service-1  Healthy", ["api-service-1 is ready."]),
        ("#9 0.071 + exec", []),
        ("", []),
    ],
)
def test_progress_of_a_line(reported: Reported, line: str, says: list[str]) -> None:
    reported.read(line)
    reported.read(line)
    assert reported.sentences == says
