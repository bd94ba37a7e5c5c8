"""Where a guest may be: on this machine or in a private network, however its address is written."""

import ipaddress
import socket

import psutil
import pytest

from hostlab.guests import address
from hostlab.guests.address import AddressRejected, is_permitted, locate


@pytest.mark.parametrize(
    "permitted",
    [
        *("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"),
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.5", "::ffff:192.168.1.5"),
        *("fc00::1", "fd12:3456::1"),
    ],
)
def test_this_machine_and_private_networks_are_permitted(permitted: str) -> None:
    assert is_permitted(ipaddress.ip_address(permitted))


@pytest.mark.parametrize(
    "rejected",
    [
        *("8.8.8.8", "172.15.255.255", "172.32.0.1", "192.169.0.1", "11.0.0.1", "100.64.0.1"),
        *("169.254.169.254", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "100.100.100.200"),
        *("fd00:ec2::254", "fd20:ce::254", "fe80::1", "2001:4860:4860::8888", "2002:7f00:1::"),
        *(
            "64:ff9b::7f00:1",
            "::127.0.0.1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "192.0.0.192",
        ),
    ],
)
def test_the_rest_of_the_world_and_metadata_services_are_not(rejected: str) -> None:
    assert not is_permitted(ipaddress.ip_address(rejected))


def test_an_own_address_is_permitted_even_if_it_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    campus = psutil.net_if_addrs()["lo"][0]._replace(family=socket.AF_INET, address="141.20.5.7")
    link_local = campus._replace(address="169.254.169.254")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [campus, link_local]})
    assert is_permitted(ipaddress.ip_address("141.20.5.7"))
    assert not is_permitted(ipaddress.ip_address("141.20.5.8"))
    assert not is_permitted(ipaddress.ip_address("169.254.169.254"))


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("  HTTP://127.0.0.1:5000/predict ", "http://127.0.0.1:5000"),
        ("https://127.0.0.1/", "https://127.0.0.1:443"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[::ffff:127.0.0.1]:5000", "http://[::ffff:7f00:1]:5000"),
    ],
)
def test_the_usual_forms_are_understood(typed: str, url: str) -> None:
    assert locate(typed) == url


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="these forms are those of Unix")
@pytest.mark.parametrize(
    "typed", ["http://2130706433:5000", "http://0x7f.1:5000", "http://0177.1:5000"]
)
def test_another_form_of_an_address_is_replaced_by_what_it_means(typed: str) -> None:
    assert locate(typed) == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "empty"),
        ("not an address", "not_an_address"),
        ("http://", "not_an_address"),
        ("http://127.0.0.1:99999", "not_an_address"),
        ("http://127.0.0.1:0", "not_an_address"),
        ("http://127.0.0.1:5000\r\nX: y", "not_an_address"),
        ("http://[::1", "not_an_address"),
        ("http://" + "x" * 300, "not_an_address"),
        ("ftp://127.0.0.1", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1:70/", "scheme"),
        ("http://user:password@127.0.0.1", "more_than_an_address"),
        ("http://127.0.0.1/other", "more_than_an_address"),
        ("http://127.0.0.1/predict?text=x", "more_than_an_address"),
        ("http://127.0.0.1#169.254.169.254", "more_than_an_address"),
        ("http://169.254.169.254/", "not_private"),
        ("http://2852039166/", "name_not_private"),
        ("http://0xa9fea9fe/", "name_not_private"),
        ("http://[::ffff:169.254.169.254]/", "name_not_private"),
        ("http://8.8.8.8", "not_private"),
        ("http://010.0.0.1/", "name_not_private"),  # octal: 8.0.0.1
        ("http://0.0.0.0:5000", "unspecified"),
        ("http://[::]:5000", "unspecified"),
        ("http://no-such-host.invalid:5000", "unknown_name"),
        ("http://" + "a" * 70 + ":5000", "unknown_name"),
    ],
)
def test_anything_else_is_rejected_with_a_reason(typed: str, name: str) -> None:
    with pytest.raises(AddressRejected) as rejected:
        locate(typed)
    assert rejected.value.name == name
    assert len(str(rejected.value)) > 40


def resolving_to(*answers: list[str]):
    """Return a getaddrinfo that gives these answers, one after the other."""
    remaining = list(answers)

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (one, port)) for one in remaining.pop(0)]

    return getaddrinfo


def test_a_name_with_one_public_address_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        address.socket, "getaddrinfo", resolving_to(["192.168.1.5", "93.184.216.34"])
    )
    with pytest.raises(AddressRejected, match=r"two-faced\.example .* 93\.184\.216\.34"):
        locate("http://two-faced.example")


def test_a_second_answer_of_dns_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        address.socket, "getaddrinfo", resolving_to(["127.0.0.1"], ["169.254.169.254"])
    )
    monkeypatch.setattr(address, "_accepts", lambda address, port: True)
    assert locate("http://rebinding.example:5000") == "http://127.0.0.1:5000"


def test_of_several_addresses_the_one_that_accepts_connections_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        real = socket.getaddrinfo

        def getaddrinfo(host: str, *arguments: object, **options: object) -> object:
            if host != "both.example":
                return real(host, *arguments, **options)
            return resolving_to(["127.0.0.2", "127.0.0.1"])(host, port)

        # 127.0.0.2 is this machine, too, but nothing listens there
        monkeypatch.setattr(address.socket, "getaddrinfo", getaddrinfo)
        assert locate(f"http://both.example:{port}") == f"http://127.0.0.1:{port}"
