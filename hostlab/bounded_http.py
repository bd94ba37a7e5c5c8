"""HTTP to services that nobody has vetted, such as those of students on other machines.

Whatever such a service sends, a request ends: a response has a total time and a total size, its
headers included. No redirect is followed, and nothing is unpacked.
"""

import http.client
import io
import os
import socket
import time
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RESPONSE_BYTES = 1_048_576  # headers and body: far more than the contract's longest response


class ResponseTooLarge(requests.RequestException):
    """A response has more than MAX_RESPONSE_BYTES."""


def bounded_session() -> requests.Session:
    """Return a session whose `timeout` is for the whole response, not for each piece of it.

    Certificates are checked by those in the file that SSL_CERT_FILE names, if it exists.

    Raises requests.Timeout, ResponseTooLarge, and otherwise what requests raises.
    """
    session = _BoundedSession()
    session.trust_env = False  # proxies are meant for the internet
    certificates = os.environ.get("SSL_CERT_FILE", "")  # a class may have its own
    session.verify = certificates if os.path.isfile(certificates) else True
    session.headers["Accept-Encoding"] = "identity"  # a few bytes can unpack to gigabytes
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter())
    return session


class _BoundedSession(requests.Session):
    """A session that follows no redirect: it would lead to an address that nobody has checked."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return no target, whatever the response says."""


class _TooManyBytes(Exception):
    """No OSError, because urllib3 would take that for a broken connection."""


class _BoundedReader(io.RawIOBase):
    """Reads a socket until the response's time or its bytes are used up."""

    def __init__(self, connection: socket.socket, whole: io.BufferedReader) -> None:
        """`whole` is what reads the socket without bounds. It is closed with this one."""
        self._connection, self._whole = connection, whole
        timeout_s = connection.gettimeout()
        self._ends_at = None if timeout_s is None else time.monotonic() + timeout_s
        self._bytes_left = MAX_RESPONSE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._ends_at is not None:
            left_s = self._ends_at - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("The response is not complete in time.")
            self._connection.settimeout(left_s)
        count = self._connection.recv_into(buffer)
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise _TooManyBytes
        return count

    def close(self) -> None:
        self._whole.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _BoundedResponse


class _TlsConnection(urllib3.connection.HTTPSConnection):
    response_class = _BoundedResponse


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _BoundedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *args: Any, **options: Any
    ) -> requests.Response:
        """Send the request, and read the whole response as it is."""
        try:
            response = super().send(request, True, *args, **options)
            try:
                body = response.raw.read(decode_content=False)
            except urllib3.exceptions.ReadTimeoutError as error:
                raise requests.ReadTimeout(error, request=request) from error
            except urllib3.exceptions.HTTPError as error:
                raise requests.ConnectionError(error, request=request) from error
            finally:
                response.raw.release_conn()
        except _TooManyBytes as error:
            message = f"The response has more than {MAX_RESPONSE_BYTES} bytes."
            raise ResponseTooLarge(message, request=request) from error
        response.raw = io.BytesIO(body)
        return response
