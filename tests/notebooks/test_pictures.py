"""The pictures of the lessons: the way of a request with each method, and what is in an image."""

from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest

from hostlab.client import Timing
from hostlab.errors import Unavailable
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.palette import MODEL_FILL, VERMILION
from hostlab.registry import METHODS
from notebooks.lessons import docker_images, request_ways

CROSS = f'stroke="{VERMILION}"'
REPLIES = [
    MeasuredPrediction("docker", "a text", timing_ms=Timing(hop, 0.5, 7.0, upstream))
    for hop, upstream in ((2.0, 20.0), (3.0, 30.0), (100.0, 400.0))
]
HISTORY = [
    {"CreatedBy": 'CMD ["python", "model_service.py"]', "Size": 0},
    {"CreatedBy": "COPY deployments/services deployments/services/ # buildkit", "Size": 200_000},
    {"CreatedBy": "COPY /export deployments/model/weights/ # buildkit", "Size": 63_000_000},
    {
        "CreatedBy": "RUN /bin/sh -c pip install -r requirements-model",
        "Size": 115_000_000,
    },
    {"CreatedBy": "RUN /bin/sh -c pip install -r requirements-api.txt", "Size": 35_000_000},
    {"CreatedBy": "WORKDIR /app", "Size": 0},
    {"CreatedBy": "ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1", "Size": 0},
    {"CreatedBy": "RUN /bin/sh -c pip install setuptools", "Size": 10_000_000},
    {"CreatedBy": "ADD rootfs.tar.xz / # buildkit", "Size": 80_000_000},
]


def words(picture: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(picture).iter() if one.text]


def test_the_second_hop_is_what_the_second_process_adds() -> None:
    alone = [MeasuredPrediction("in-process", "a text", timing_ms=Timing(1.0, 0.4, 6.0, None))]
    picture = words(request_ways.separate_process(REPLIES, alone).data)
    assert [word for word in picture if word.endswith(" ms")] == [
        *("1.0 ms", "2.0 ms"),  # the two hops
        *("0.5 ms", "7.0 ms"),
    ]
    assert "1.0 ms" in words(request_ways.in_process(alone).data)


def test_one_dead_process_leaves_the_other_alive() -> None:
    assert request_ways.in_process(alive=False).data.count(CROSS) == 2
    dead_model = request_ways.separate_process(dead=["model_service"]).data
    assert MODEL_FILL not in dead_model and "#222222" in dead_model
    assert MODEL_FILL in request_ways.separate_process(dead=["api_service"]).data


def test_the_overview_has_a_picture_of_every_method_and_a_legend() -> None:
    assert request_ways.methods().data.count("<svg") == len(METHODS)
    assert request_ways.legend().data.count("<text") == 9


def test_the_way_through_containers_has_the_readers_medians() -> None:
    picture = request_ways.docker(REPLIES).data
    for word in ("both hops 3.0 ms", "api-service-1", "model-service-1", "0.5 ms", "7.0 ms"):
        assert word in words(picture)
    assert CROSS not in picture


def test_a_killed_container_is_drawn_dead_beside_one_that_lives() -> None:
    picture = request_ways.docker(models=2, dead=[1]).data
    assert {"model-service-1", "model-service-2"} <= set(words(picture))
    assert picture.count(CROSS) == 2  # one cross
    assert picture.count(f'fill="{MODEL_FILL}"') == 1  # one model lives


def test_the_way_to_the_provider_ends_where_the_provider_is_down() -> None:
    assert {"upstream", "30.0 ms", "the provider"} <= set(words(request_ways.api(REPLIES).data))
    assert CROSS in request_ways.api(alive=False).data


def test_an_image_is_divided_by_its_steps() -> None:
    assert docker_images.sizes_of(HISTORY) == pytest.approx(
        {"base": 90, "libraries": 150, "model": 63, "code": 0.2}
    )


def test_images_are_compared_to_scale_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise Unavailable("No Docker engine answers.")

    monkeypatch.setattr(docker_images.engine, "api", missing)
    monkeypatch.setattr(plt, "show", lambda: None)
    docker_images.compare("hosting-lab/model-service:1.0")
    [axes] = plt.gcf().axes
    assert [text.get_text() for text in axes.texts] == [" 5,476 MB", " 1,304 MB", " 547 MB"]
    assert "measured elsewhere" in axes.get_yticklabels()[2].get_text()
    plt.close()
