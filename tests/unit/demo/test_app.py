import socket

import pytest

from demo.app import PASSWORD, main
from hostlab.errors import BadInput, HostingLabError


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
