"""Open the demo: `hostlab demo`. It serves until Ctrl-C or SIGTERM, stops what it started unasked, and names what stays."""

import errno
import hmac
import ipaddress
import os
import signal
import socket
import sys
import threading

from demo.board import Board
from hostlab.errors import BadInput, HostingLabError

PASSWORD = "HOSTLAB_DEMO_PASSWORD"


def main(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the page at `host` and `port` and return when asked to end.

    Raises BadInput where others could reach the page and no password is set, HostingLabError where the port is taken.
    """
    password = _password(host)
    _require_free(host, port)
    board = Board()
    # before gradio is imported, which takes seconds: the first method starts meanwhile
    threading.Thread(target=board.open, name="first look", daemon=True).start()
    print("Opening the page …", flush=True)
    ended = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: ended.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        page = _serve(board, host, port, password)
        print(f"The demo is at {_address(host, port)} and stops with Ctrl-C.", flush=True)
        while not ended.wait(0.5):  # without a limit, Windows would not see Ctrl-C
            pass
        print("Stopping.", flush=True)
        page.close(verbose=False)
    finally:
        for number, handler in before.items():  # a second Ctrl-C is not asked for patience
            signal.signal(number, handler)
        _report(*board.close())


def _serve(board: Board, host: str, port: int, password: str | None) -> object:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # gradio calls its own address once; a proxy set for the internet must not stand before it
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost", host])
    )
    from demo import theme as look  # gradio reads those when it is imported
    from demo.page import build

    # with its rendering done in slices of half a millisecond, the page takes less out of what is measured beside it
    sys.setswitchinterval(0.0005)
    page = build(board)
    page.queue(default_concurrency_limit=20)
    try:
        page.launch(
            server_name=host,
            server_port=port,
            auth=(lambda user, given: hmac.compare_digest(given.encode(), password.encode()))
            if password
            else None,
            auth_message="Any name will do; the password is the one that whoever opened the demo has set.",
            theme=look.theme(),
            css=look.method_css(),
            css_paths=look.CSS,
            footer_links=["api", "settings"],
            run_history=False,
            share=False,
            ssr_mode=False,
            pwa=False,
            inbrowser=False,
            enable_monitoring=False,
            show_error=True,
            quiet=True,
            prevent_thread_lock=True,
        )
    except OSError as error:
        raise HostingLabError(
            f"The page cannot be opened at {host}:{port}: {error}. Another port may do: `hostlab demo --port {port + 1}`."
        ) from error
    return page


def _password(host: str) -> str | None:
    """Return the password that the page asks for: None on this machine alone."""
    try:
        alone = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        alone = False
    password = os.environ.get(PASSWORD) or None
    if not alone and not password:
        raise BadInput(
            f"With --host {host} others reach the page, and its buttons start and stop things on this machine: set a password first, "
            f"in the environment variable {PASSWORD}, and tell it to those who may."
        )
    return password


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":  # there it would allow two listeners
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = (
                "is taken, perhaps by a demo that is open already"
                if taken
                else f"cannot be used: {error}"
            )
            other = port + 1 if port < 65535 else 7861
            raise HostingLabError(
                f"Port {port} of {host} {why}. Open the page at another one: `hostlab demo --port {other}`."
            ) from error


def _address(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::"):
        return f"http://{socket.gethostname()}:{port} (here: http://127.0.0.1:{port})"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _report(ended: list[str], stays: list) -> None:
    if ended:
        print(f"Stopped with the demo: {', '.join(ended)}.")
    for status in stays:
        print(
            f"{status.method} stays{f', at {status.url}' if status.url else ''}. `hostlab down {status.method}` stops it."
        )
