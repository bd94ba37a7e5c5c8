"""Run an application until it is told to stop, and stop it so that nobody loses an answer.

On SIGTERM: /ready says 503 at once while requests are still answered, for DRAIN_S seconds, so that whoever spreads the load
can look elsewhere; then no new connections, the requests in flight are answered, and the process ends within SHUTDOWN_S.
Ctrl-C skips the first part: there is a person waiting.
"""

import contextlib
import logging
import os
import signal
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

from deployments.services.settings import Settings
from deployments.services.telemetry import log, log_to_stderr


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
        timer = threading.Timer(self._drain_s, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.should_exit = True


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve `app` at the settings' host and port until SIGTERM or Ctrl-C. Exit status 1 where it could not start."""
    log_to_stderr()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # telemetry.py logs each request, with its id
        log_config=None,
        server_header=False,
        timeout_keep_alive=30,  # longer than a gateway keeps an idle connection, so that it is never cut off in between
        timeout_graceful_shutdown=max(1, round(settings.shutdown_s)),
    )
    server = _DrainingServer(config, app, settings.drain_s)
    app.state.on_failure = server._stop
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is a way to stop, not an error
        server.run()
    if app.state.failure:
        log.error("The service could not start. %s", app.state.failure)
    logging.shutdown()
    # everything is answered and closed; taking torch apart in an orderly way would take seconds more
    os._exit(1 if app.state.failure or not server.started else 0)
