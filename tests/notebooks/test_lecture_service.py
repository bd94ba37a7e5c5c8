"""The lecture's services run as they are, except for what is replaced, and leave nothing behind."""

from pathlib import Path

import psutil
import pytest
import requests

from hostlab.errors import StartFailed
from notebooks.lessons import lecture_service
from notebooks.lessons.lecture_service import LectureService

API = "separate_process/api_service.py"
NOWHERE = {"http://localhost:5001/predict": "http://127.0.0.1:9/predict"}


def test_a_service_of_the_lecture_responds_and_ends_with_the_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with LectureService(API, NOWHERE) as lecture:
        response = requests.post(f"{lecture.url}/predict", json={"text": "Hello."}, timeout=30)
        assert response.status_code == 500  # its model is dead, and it blames itself
        process = psutil.Process(lecture._process.pid)
    assert not process.is_running()
    assert "ConnectionError" in lecture.log and "development server" in lecture.log
    printed = capsys.readouterr().out
    assert NOWHERE["http://localhost:5001/predict"] in printed and "host='127.0.0.1'" in printed


def test_it_ends_when_its_input_does() -> None:
    with LectureService(API, NOWHERE) as lecture:
        lecture._process.stdin.close()  # as when the kernel is killed
        assert lecture._process.wait(timeout=30) == 0


def test_a_replacement_that_replaces_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing like it"):
        LectureService(API, {"nothing like it": ""})


def test_a_program_that_fails_is_an_error_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.py").write_text("1 / 0  # host='0.0.0.0', port=5000\n")
    monkeypatch.setattr(lecture_service, "FILES", tmp_path)
    with pytest.raises(StartFailed) as error, LectureService("broken.py", {}):
        pass
    assert "ZeroDivisionError" in error.value.log_tail
