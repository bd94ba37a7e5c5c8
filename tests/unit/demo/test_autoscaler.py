"""What Services shows of an autoscaler, and which buttons it offers then."""

from dataclasses import replace

import pytest

from demo.board import Card
from demo.component_monitor import ComponentUsage
from demo.jobs import MethodJob
from demo.tabs.services.tab import available_actions
from demo.tabs.services.view import card
from demo.texts import LANGUAGES, texts_in
from hostlab.types import Autoscaler, Component, Status

BY_HAND = Status("kubernetes", "running", "http://127.0.0.1:1234", 1.7e9, "abc")
UNKNOWN = Autoscaler(1, 4, 60, None, wanted=2, ready=1)
MODEL = (ComponentUsage(Component("model-service-1", "pod", "model", "0123", "running")),)


def test_the_load_or_a_person_sets_the_number_of_replicas():
    by_hand = available_actions(Card("kubernetes", BY_HAND, components=MODEL))
    assert by_hand == {"stop", "kill", "more", "autoscale"}
    by_load = replace(BY_HAND, autoscaler=UNKNOWN)
    assert available_actions(Card("kubernetes", by_load, components=MODEL)) == {
        "stop",
        "kill",
        "autoscale_off",
    }
    docker = replace(BY_HAND, method="docker")
    assert "autoscale" not in available_actions(Card("docker", docker, components=MODEL))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_usage_is_said_to_be_that(language):
    texts = texts_in(language)
    unknown = card(Card("kubernetes", replace(BY_HAND, autoscaler=UNKNOWN)), texts)
    assert texts("services.usage_unknown") in unknown and "60 %" in unknown
    known = replace(UNKNOWN, utilization_percent=98)
    page = card(Card("kubernetes", replace(BY_HAND, autoscaler=known)), texts)
    assert "98 %" in page and texts("services.usage_unknown") not in page
    assert "data-autoscaler" not in card(Card("kubernetes", BY_HAND), texts)


def test_while_the_autoscaler_is_changed_the_method_is_still_shown_as_running():
    changing = Card("kubernetes", BY_HAND, MethodJob("autoscaling"), components=MODEL)
    assert available_actions(changing) == set()
    page = card(changing, texts_in("en"))
    assert 'data-state="running"' in page and "changing the autoscaler" in page
