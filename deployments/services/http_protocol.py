"""What uvicorn's HTTP/1.1 connection lacks for a service that anybody can call.

- **Upgrades are ignored.** A server may ignore the header Upgrade (RFC 9110, section 7.8), and
  Java's HttpClient offers an upgrade to HTTP/2 with each request. uvicorn's parser stops after the
  headers of such a request, so its body is lost (https://github.com/Kludex/uvicorn/issues/2722).
  Here, the request is parsed again without this header.
- **A request that cannot be parsed** gets problem details, too, and is counted and logged.
"""

import sys

import httptools
from fastapi.responses import JSONResponse
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from deployments.services import telemetry
from deployments.services.problems import MEDIA_TYPE, ProblemBody

_BAD_REQUEST = 400
_NOT_PARSED = "-"  # in the log, for a method and a path


class HttpProtocol(HttpToolsProtocol):
    """A connection to a client. uvicorn calls these methods."""

    def data_received(self, data: bytes) -> None:
        """Parse what the client sent."""
        self._received = data
        super().data_received(data)

    def _should_upgrade(self) -> bool:
        """Let uvicorn call the next method instead of answering a request without a body."""
        return True

    def handle_websocket_upgrade(self) -> None:
        """Parse the request again, without its offer to change the protocol."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self.send_400_response("The method CONNECT is for proxies.")
            return
        stopped = sys.exception()
        assert isinstance(stopped, httptools.HttpParserUpgrade)
        body = self._received[stopped.args[0] :]
        head = [b"%b %b HTTP/%b" % (method, self.url, self.parser.get_http_version().encode())]
        head += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.data_received(b"\r\n".join(head) + b"\r\n\r\n" + body)

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, and close the connection."""
        if self.cycle and not self.cycle.response_complete:  # its body cannot be parsed
            self.cycle.disconnected = True  # ends the wait for the rest
            self.cycle.message_event.set()
            state = self.cycle.scope["state"]
            request_id = state.setdefault("request_id", telemetry.new_request_id())
            if self.cycle.response_started:
                self.transport.close()
                return
            state[telemetry.SENT_STATUS] = _BAD_REQUEST  # the application logs the request
        else:
            request_id = telemetry.new_request_id()
            telemetry.record(_NOT_PARSED, _NOT_PARSED, _BAD_REQUEST, 0.0, request_id)
        body = ProblemBody(
            type="about:blank",
            title="Not HTTP",
            status=_BAD_REQUEST,
            detail=f"{msg} Check the request line, the headers, and the length of the body.",
            request_id=request_id,
        )
        headers = {"Connection": "close", "X-Request-ID": request_id}
        response = JSONResponse(body.model_dump(), _BAD_REQUEST, headers, MEDIA_TYPE)
        lines = [b"%b: %b\r\n" % header for header in response.raw_headers]
        self.transport.write(
            b"".join([STATUS_LINE[_BAD_REQUEST], *lines, b"\r\n", bytes(response.body)])
        )
        self.transport.close()
