"""The picture of a request's way: what is in it for each shape of a method."""

from xml.etree import ElementTree

import pytest

from demo.tabs.compare.comparison import MethodRow
from demo.tabs.compare.way import stages, way
from demo.texts import texts_in
from hostlab.client import Timing
from hostlab.measure.comparison import MeasuredPrediction
from hostlab.types import Component

EN = texts_in("en")


def row(method: str, replica: str | None = None, upstream: float = 0.0) -> MethodRow:
    timing = Timing(3.0, 0.5, 7.0, upstream)
    if upstream:
        timing = Timing(3.0, None, None, upstream)
    one = MeasuredPrediction(method, "fine", "POSITIVE", 0.9, 10.5, timing, None, replica)
    return MethodRow(method, [one], [one])


def component(name: str, kind: str, role: str, state: str = "running", id: str = "1") -> Component:
    return Component(name, kind, role, id, state)


def test_a_single_process_is_one_border_with_the_parts_of_the_latency() -> None:
    client, last = stages(row("in-process"), [component("service", "process", "both")], EN)
    (border,) = last.borders
    assert (border.runner, border.title, border.alive, last.ms) == ("process", "service", True, 3.0)
    assert [(box.role, box.ms) for box in border.boxes] == [
        ("code", None),
        ("queue", 0.5),
        ("model", 7.0),
    ]
    assert client.borders[0].boxes[0].role == "client"


@pytest.mark.parametrize(
    ("kind", "replica"), [("container", "0123456789ab"), ("pod", "model-service-2")]
)
def test_the_replica_that_answered_is_highlighted_and_has_the_figures(kind, replica) -> None:
    components = [
        component("model-service-1", kind, "model", "dead", "ffff56789abcdef"),
        component("model-service-2", kind, "model", "running", "0123456789abcdef"),
        component("api-service-1", kind, "api"),
    ]
    _, api, models = stages(row("docker", replica), components, EN)
    assert (api.ms, api.arrow, api.together) == (3.0, "hop", EN("way.hops"))
    first, second = models.borders
    assert (first.alive, first.answered, first.boxes[1].ms) == (False, False, None)
    assert (second.alive, second.answered, second.boxes[1].ms) == (True, True, 7.0)
    assert second.runner == kind


@pytest.mark.parametrize("local", [True, False])
def test_a_provider_is_somewhere_else_even_if_it_runs_here(local: bool) -> None:
    components = [component("api_service", "process", "api")]
    if local:
        components.append(component("provider", "process", "provider", "dead"))
    _, api, last = stages(row("api", upstream=7.0), components, EN)
    (border,) = last.borders
    assert (api.ms, last.ms, border.runner) == (3.0, 7.0, "provider")
    assert border.alive is not local


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_picture_is_well_formed_escaped_and_named(language: str) -> None:
    texts = texts_in(language)
    evil = component("<b>service</b>", "process", "both", "dead")
    picture = way(row("in-process"), [evil], texts)
    assert "<b>service" not in picture
    source = picture[picture.index("<svg") : picture.index("</svg>") + len("</svg>")]
    svg = ElementTree.fromstring(source)
    assert texts.title("in-process") in (svg.get("aria-label") or "")
    words = [one.text for one in svg.iter() if one.text]
    assert texts("way.ms", ms=texts.number("7.0")) not in words, "what is dead has no figures"
    assert texts("way.ms", ms=texts.number("3.0")) not in words, "nor has the way to it"
