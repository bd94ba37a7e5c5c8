"""A demo that is open, as programs see it: proxies, uploads, and the path of a proxy in front."""

import http.client
import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from demo.report_file import MAX_REPORT_BYTES
from hostlab import get
from hostlab.http import local_session
from tests.open_demo import Demo, open_demo

PROXIES = {"all_proxy": "socks://127.0.0.1:9", "http_proxy": "socks5://127.0.0.1:9"}
ENVIRONMENT = PROXIES | {"no_proxy": "example.org"}


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("temporary")
    (folder / "gradio").write_text("Not a folder: what Gradio would take belongs to somebody else.")
    return folder


@pytest.fixture(scope="module")
def demo(temporary: Path) -> Iterator[Demo]:
    with open_demo("--root-path", "/demo/", TMPDIR=str(temporary), **ENVIRONMENT) as demo:
        yield demo
        assert demo.end() == 0
    assert [one.name for one in temporary.iterdir()] == ["gradio"], "uploads stay"
    assert "Traceback" not in demo.output()


def upload(demo: Demo, content: bytes, **headers: str) -> requests.Response:
    with local_session() as session:
        return session.post(
            f"{demo.url}/gradio_api/upload",
            files={"files": ("texts.txt", content)},
            headers=headers,
            timeout=30,
        )


def written(temporary: Path) -> list[Path]:
    return [one for one in temporary.glob("hosting-lab-*/**/*") if one.is_file()]


def test_services_see_the_proxies_that_gradio_must_not_see(demo: Demo) -> None:
    deadline = time.monotonic() + 120
    while get("in-process").status().state != "running":
        assert time.monotonic() < deadline, demo.output()
        time.sleep(0.1)
    (service,) = get("in-process").components()
    seen = psutil.Process(int(service.id)).environ()
    assert {name: seen[name] for name in ENVIRONMENT} == ENVIRONMENT and "NO_PROXY" not in seen


def test_uploads_are_private(demo: Demo, temporary: Path) -> None:
    answer = upload(demo, b"A lovely film.")
    assert answer.status_code == 200
    file = Path(answer.json()[0])
    assert file.read_text() == "A lovely film."
    (private,) = temporary.glob("hosting-lab-*")
    assert file.is_relative_to(private)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ["upload", "process_recording", "component_server"])
def test_a_form_that_is_too_large_is_refused_before_it_is_written(
    demo: Demo, temporary: Path, path: str
) -> None:
    before = written(temporary)
    with local_session() as session:
        answer = session.post(
            f"{demo.url}/gradio_api/{path}",
            files=[("files", (f"{number}.txt", b"x" * 500_000)) for number in range(11)],
            headers={"Accept-Language": "ru"},
            timeout=30,
        )
    assert answer.status_code == 413 and answer.text.startswith("Файл занимает 5.5 МБ")
    assert written(temporary) == before


def test_a_form_of_unknown_size_is_refused(demo: Demo, temporary: Path) -> None:
    before = written(temporary)
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc, timeout=30)
    chunks = iter([b"x" * 1000] * (MAX_REPORT_BYTES // 500))
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    connection.request("POST", "/gradio_api/upload", chunks, headers, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 411 and b"Content-Length" in answer.read()
    connection.close()
    assert written(temporary) == before


@pytest.mark.parametrize("path", ["/", "/demo/"])
def test_the_page_refers_to_its_path_whether_or_not_the_proxy_removes_it(
    demo: Demo, path: str
) -> None:
    with local_session() as session:
        config = json.loads(session.get(f"{demo.url}{path}config", timeout=30).text)
        assert config["root"] == f"{demo.url}/demo"
        for root in (demo.url, config["root"]):
            assert session.get(f"{root}/gradio_api/app_id", timeout=30).status_code == 200
    assert "behind a proxy at the path /demo/," in demo.output()
