"""No page keeps a connection open: a browser has six to one host, for all of its tabs together."""

from demo.board import Board
from demo.page import build


def test_a_page_has_no_heartbeat_and_its_events_are_answered_without_a_stream():
    config = build(Board()).get_config_file()
    assert config["connect_heartbeat"] is False
    events = [one for one in config["dependencies"] if one["api_visibility"] == "private"]
    assert len(events) > 30
    assert [one["id"] for one in events if one["queue"] and one["backend_fn"]] == []


def test_no_component_shows_the_progress_of_an_event():
    """Otherwise, Gradio's page copies the state of all outputs at each event, such as a tick."""
    config = build(Board()).get_config_file()
    private = [one for one in config["dependencies"] if one["api_visibility"] == "private"]
    events = [one for one in private if one["backend_fn"]]
    assert [one["id"] for one in events if one["show_progress_on"] != []] == []
