"""Progress on the page: one piece of news is a sentence of each reader's language."""

import threading

import pytest

from demo.board import Card
from demo.jobs import MethodJob
from demo.run_queue import RunQueue
from demo.tabs.method_states import state_line
from demo.tabs.services.view import card
from demo.tabs.table import view
from demo.tabs.table.measurement import MeasureRun
from demo.texts import texts_in
from hostlab.runtime.progress import Sentence
from hostlab.types import Status

OBSERVED = Sentence("wait.nothing_answers")
WAITING = Sentence("wait.ready", url="http://127.0.0.1:5000", seconds=3.4, observed=OBSERVED)
IN_LANGUAGE = {
    "en": "Waiting for http://127.0.0.1:5000 (3 s): nothing answers there yet",
    "ru": "Ждём готовности http://127.0.0.1:5000 (3 с): там пока никто не отвечает",
}


@pytest.mark.parametrize("language", IN_LANGUAGE)
def test_a_start_is_reported_in_the_readers_language(language: str) -> None:
    starting = Card("docker", Status("docker", "stopped"), MethodJob("starting", WAITING))
    shown = card(starting, texts_in(language))
    assert 'data-state="starting"' in shown and IN_LANGUAGE[language] in shown
    line = state_line(starting, texts_in(language))
    assert line.state == "starting" and line.note == IN_LANGUAGE[language]


@pytest.mark.parametrize("language", IN_LANGUAGE)
def test_a_measurement_is_reported_in_the_readers_language(language: str) -> None:
    run = MeasureRun("all", True, RunQueue(threading.Lock()))
    run.state, run.sentence = "running", WAITING
    assert IN_LANGUAGE[language] in view.state(run, texts_in(language), 0)


def test_what_has_not_been_reported_yet_is_nothing() -> None:
    starting = Card("docker", Status("docker", "stopped"), MethodJob("starting"))
    assert state_line(starting, texts_in("ru")).note == ""
