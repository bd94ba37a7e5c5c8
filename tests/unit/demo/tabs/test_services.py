"""The table of components in Services: pods have a node, processes and containers have none."""

import pytest

from demo.board import Card
from demo.component_monitor import ComponentUsage
from demo.tabs.services.view import card
from demo.texts import LANGUAGES, Texts
from hostlab.types import Component, Status


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_pods_have_a_node(language):
    texts = Texts(language)
    pod = Component("model-service-1", "pod", "model", "u", "running", node="node-2")
    starting = Component("api-service-1", "pod", "api", "v", "starting")
    container = Component("model-service-1", "container", "model", "w", "running")
    pods, containers = (
        card(
            Card(method, Status(method, "running"), components=tuple(map(ComponentUsage, those))),
            texts,
        )
        for method, those in (("kubernetes", [pod, starting]), ("docker", [container]))
    )
    assert f'data-name="{texts("parts.node")}">node-2<' in pods
    assert f'data-name="{texts("parts.node")}">–<' in pods, "it has no node yet"
    assert texts("parts.node") not in containers


@pytest.mark.parametrize("language", LANGUAGES)
def test_restarts_are_shown_only_where_something_counts_them(language):
    texts, running = Texts(language), Status("in-process", "running")
    for kind, counted in (("process", False), ("container", True)):
        part = ComponentUsage(Component("service", kind, "both", "1", "running"))
        shown = card(Card("in-process", running, components=(part,)), texts)
        assert (texts("parts.restarts") in shown) is counted
