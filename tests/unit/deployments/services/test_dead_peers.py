"""A peer that died without a word is noticed by the system, and then another replica is asked."""

import errno
import socket

import aiohttp
import pytest

from deployments.services.dead_peers import UNACKNOWLEDGED_S, open_socket
from deployments.services.gateway import Gateway
from deployments.services.replicas import Replica


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has the setting")
def test_what_is_not_acknowledged_in_time_breaks_the_connection():
    address = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 1))
    with open_socket(address) as opened:
        limit_ms = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert limit_ms == UNACKNOWLEDGED_S * 1000


def test_the_next_request_skips_the_replica():
    replica = Replica("192.0.2.1")
    error = aiohttp.ClientOSError(errno.ETIMEDOUT, "Connection timed out")
    problem = Gateway("http://model:5001", 30)._problem_for_exception(error, replica)
    assert problem.status == 502 and not problem.extra.get("broke_off")
    assert replica.failed_at > 0
