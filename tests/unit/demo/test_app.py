import socket
import tempfile

import pytest

from demo import app
from demo.app import PASSWORD, main
from demo.texts import LANGUAGES, texts_in
from hostlab.errors import BadInput, HostingLabError
from hostlab.runtime.ports import free_port


def test_a_port_that_is_taken_is_reported():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            HostingLabError, match=f"Port {port} of 127.0.0.1 is taken.*hostlab demo --port"
        ):
            main(port=port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "a.name.invalid"])
def test_others_need_a_password(host, monkeypatch):
    monkeypatch.delenv(PASSWORD, raising=False)
    with pytest.raises(BadInput, match=PASSWORD):
        main(host=host)


def test_an_invalid_port_is_reported():
    with pytest.raises(HostingLabError, match="cannot be used"):
        main(port=70000)


@pytest.mark.parametrize("root_path", ["demo", "example.org/demo", "ftp://example.org/demo"])
def test_a_root_path_that_cannot_work_is_refused(root_path):
    with pytest.raises(BadInput, match=f"--root-path {root_path} is neither.*https://"):
        main(port=70000, root_path=root_path)


def test_without_a_folder_for_uploads_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(HostingLabError, match=r"folder for uploads.*TMPDIR"):
        main(port=free_port())


def test_the_login_page_has_all_languages():
    message = app._login_message()
    for language in LANGUAGES:
        assert texts_in(language)("page.login") in message


@pytest.mark.parametrize("number", ["192.168.1.5", None])
def test_others_get_the_name_and_the_number_of_this_machine(number, monkeypatch):
    monkeypatch.setattr(app, "_number_in_network", lambda: number)
    address = app._address("0.0.0.0", 7860, "")
    assert f"http://{socket.gethostname()}:7860" in address
    assert ("http://192.168.1.5:7860" in address) is bool(number)


def test_the_number_is_one_that_others_can_use():
    assert app._number_in_network() not in ("127.0.0.1", "0.0.0.0")
