"""No page keeps a connection open: a browser has six to one host, for all of its tabs together.

Its events are processed in the order in which they come.
"""

import asyncio
import time

import gradio as gr
from gradio.state_holder import SessionState

from demo.board import Board
from demo.connections import OrderedBlocks
from demo.events import PRIVATE
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


def process(*pages: str) -> list[str]:
    """Send a slow event of the first page, and a quick one of each of the others, all at once.

    Returns what began and ended, in order.
    """
    order: list[str] = []

    def handler(name: str, seconds: float):
        def handle() -> None:
            order.append(f"{name} begins")
            time.sleep(seconds)
            order.append(f"{name} ends")

        return handle

    with OrderedBlocks(analytics_enabled=False) as blocks:
        for number in range(len(pages)):
            name, seconds = ("quick", 0.0) if number else ("slow", 0.5)
            gr.Button().click(handler(name, seconds), **PRIVATE)
    states = {page: SessionState(blocks) for page in pages}

    async def send() -> None:
        await asyncio.gather(
            *(blocks.process_api(number, [], states[page]) for number, page in enumerate(pages))
        )

    asyncio.run(send())
    return order


def test_an_event_of_a_page_waits_for_the_earlier_one():
    assert process("one", "one") == ["slow begins", "slow ends", "quick begins", "quick ends"]


def test_the_events_of_two_pages_do_not_wait_for_each_other():
    assert process("one", "other").index("quick ends") < 3
