"""Run an application until it is told to stop, and stop it without losing a request.

On SIGTERM, the service first drains: for DRAIN_S seconds, /ready returns 503, but requests are
still answered, so that a load balancer can take the service out of rotation. Then it accepts no new
connections, answers the requests in flight, and exits within SHUTDOWN_S seconds. Ctrl-C skips the
draining, because a person is waiting.
"""

import contextlib
import logging
import os
import signal
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

from deployments.services.http_protocol import HttpProtocol
from deployments.services.logs import log, log_to_stderr
from deployments.services.settings import Settings

# Longer than a gateway keeps an idle connection: otherwise a request could meet a closing one.
KEEP_ALIVE_S = 30


class _DrainingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_s: float) -> None:
        super().__init__(config)
        self._app, self._drain_s = app, drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGTERM or self._app.state.draining:
            super().handle_exit(sig, frame)
            return
        self._app.state.draining = True
        log.info("SIGTERM: draining for %g s", self._drain_s)
        timer = threading.Timer(self._drain_s, self.stop)
        timer.daemon = True
        timer.start()

    def stop(self) -> None:
        self.should_exit = True


def uvicorn_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=HttpProtocol,
        ws="none",  # nothing here talks through WebSockets
        access_log=False,  # telemetry.py logs each request, with its ID
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nothing here needs the client's address
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_s)),
    )


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve `app` until SIGTERM or Ctrl-C, then exit; with status 1 if it could not start."""
    log_to_stderr()
    server = _DrainingServer(uvicorn_config(app, settings), app, settings.drain_s)
    app.state.on_failure = server.stop
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is a normal way to stop
        server.run()
    if app.state.failure:
        log.error("The service could not start. %s", app.state.failure)
    logging.shutdown()
    # All requests are answered and all files are closed. A normal exit would spend seconds on
    # unloading torch.
    os._exit(1 if app.state.failure or not server.started else 0)
