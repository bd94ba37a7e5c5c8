"""The boxes that choose among methods keep what the reader chose."""

import gradio as gr
import pytest

from demo.session import Reader
from demo.tabs.method_boxes import MethodBoxes
from demo.texts import texts_in


@pytest.fixture
def available() -> list[str]:
    return ["in-process", "docker"]


@pytest.fixture
def boxes(available: list[str]) -> MethodBoxes:
    with gr.Blocks():
        return MethodBoxes(
            "load", lambda: list(available), lambda texts, methods: {}, texts_in("en")
        )


def test_all_are_selected_and_a_click_is_kept(boxes: MethodBoxes) -> None:
    reader = Reader()
    shown = boxes.show(reader)
    assert shown[boxes.group]["value"] == ["in-process", "docker"]
    clicked = boxes.select(reader, ["docker"], shown[boxes.listed])
    assert boxes.group not in clicked, "that could undo a second click"
    listed = clicked[boxes.listed]
    assert boxes.news(reader, listed) == {}, "a tick that writes could undo a second click"
    assert boxes.show(reader)[boxes.group]["value"] == ["docker"]
    boxes.select(reader, ["in-process", "docker"], listed)
    assert boxes.show(reader)[boxes.group]["value"] == ["in-process", "docker"]


def test_a_method_that_starts_before_a_click_is_listed_after_it_and_selected(
    boxes: MethodBoxes, available: list[str]
) -> None:
    reader = Reader()
    listed = boxes.show(reader)[boxes.listed]
    available.append("api")
    listed = boxes.select(reader, ["docker"], listed)[boxes.listed]
    assert boxes.news(reader, listed)[boxes.group]["value"] == ["docker", "api"]


def test_a_method_that_comes_back_is_as_the_reader_left_it(
    boxes: MethodBoxes, available: list[str]
) -> None:
    reader = Reader()
    shown = boxes.show(reader)
    listed = boxes.select(reader, ["in-process"], shown[boxes.listed])[boxes.listed]
    available.remove("docker")
    listed = boxes.news(reader, listed)[boxes.listed]
    boxes.select(reader, ["in-process"], listed)
    available.append("docker")
    assert boxes.show(reader)[boxes.group]["value"] == ["in-process"]


def test_a_click_that_a_redraw_has_undone_is_drawn_again_and_selects_no_method_of_later(
    boxes: MethodBoxes, available: list[str]
) -> None:
    reader = Reader()
    listed = boxes.show(reader)[boxes.listed]
    available.append("api")
    boxes.show(reader)  # reaches the page after the click
    clicked = boxes.select(reader, ["docker"], listed)
    with gr.Blocks() as page:
        boxes.connect(gr.State(reader))
    assert set(clicked) <= set(page.fns[0].outputs), "Gradio rejects what is no output of the event"
    assert clicked[boxes.group]["value"] == ["docker", "api"]
    assert boxes.news(reader, clicked[boxes.listed]) == {}
