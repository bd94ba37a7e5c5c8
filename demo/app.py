"""Serve the demo until Ctrl-C or SIGTERM, then say what stops with it and what keeps running."""

import errno
import hmac
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from demo.board import Board
from demo.gradio_import import without_stubs_and_proxies
from demo.texts import LANGUAGES, texts_in
from demo.uploads import UploadLimit, private_folder
from hostlab import METHODS
from hostlab.errors import BadInput, HostingLabError
from hostlab.http import is_loopback
from hostlab.types import Status

if TYPE_CHECKING:
    import gradio as gr

PASSWORD = "HOSTLAB_DEMO_PASSWORD"

# Shorter than the default: the page then takes less CPU time from what it measures.
_SWITCH_INTERVAL_S = 0.0005


def main(host: str = "127.0.0.1", port: int = 7860, root_path: str = "") -> None:
    """Serve the page at `host` and `port`, and return when asked to stop.

    `root_path` is where a proxy shows the page: a path, such as /demo, or a whole address. Raises
    BadInput where others can reach the page and no password is set, or for another `root_path`,
    HostingLabError where the port cannot be used.
    """
    password = _password(host)
    root_path = _root(root_path)
    _require_free(host, port)
    with private_folder():
        _run(host, port, root_path, password)


def _run(host: str, port: int, root_path: str, password: str | None) -> None:
    board = Board()
    # Before gradio is imported, which takes seconds: the first method starts meanwhile.
    threading.Thread(target=board.open, name="open board", daemon=True).start()
    print("Opening the page …", flush=True)
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        page = _serve(board, host, port, root_path, password)
        print(
            f"The demo is at {_address(host, port, root_path)} and stops with Ctrl-C.", flush=True
        )
        while not stop.wait(0.5):  # with a timeout, because Windows misses Ctrl-C without one
            pass
        print("Stopping.", flush=True)
        page.close(verbose=False)
    finally:
        for number, handler in before.items():  # a second Ctrl-C stops the program at once
            signal.signal(number, handler)
        _report(*board.close())


def _serve(board: Board, host: str, port: int, root_path: str, password: str | None) -> "gr.Blocks":
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["MPLBACKEND"] = "agg"  # else Gradio lets matplotlib look for a desktop
    # Imported only here because gradio reads these variables when it is imported, and takes
    # seconds to import, in which the first method can start.
    with without_stubs_and_proxies():
        from demo import theme
        from demo.connections import MAX_PAGES
        from demo.page import build

    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    page = build(board)
    page.queue(default_concurrency_limit=20)
    try:
        page.launch(
            server_name=host,
            server_port=port,
            root_path=root_path,
            state_session_capacity=MAX_PAGES,
            app_kwargs={"middleware": [Middleware(UploadLimit)]},
            auth=_login(password) if password else None,
            auth_message=_login_message(),
            theme=theme.theme(),
            css=theme.method_css(METHODS),
            css_paths=theme.CSS,
            head=theme.print_style(),
            js=theme.SCRIPT.read_text(encoding="utf-8"),
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
            f"The page cannot be opened at {host}:{port}: {error}. "
            f"Try another port: `hostlab demo --port {port + 1}`."
        ) from error
    return page


def _login_message() -> str:
    """Return the sentence of the login page in all languages: Gradio has one for all readers."""
    sentences = {language: texts_in(language)("page.login") for language in LANGUAGES}
    return "<br>".join(f'<span lang="{key}">{text}</span>' for key, text in sentences.items())


def _login(password: str) -> Callable[[str, str], bool]:
    return lambda user, entered: hmac.compare_digest(entered.encode(), password.encode())


def _password(host: str) -> str | None:
    """Return the password that the page asks for; None if only this machine can reach it."""
    password = os.environ.get(PASSWORD) or None
    if not is_loopback(host) and not password:
        raise BadInput(
            f"With --host {host}, others can open the page, and its buttons start and stop "
            f"programs on this machine. Set a password in the environment variable {PASSWORD} "
            "first, and give it to those who may use the page."
        )
    return password


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":  # on Windows, the option would allow two listeners
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is taken, perhaps by another demo" if in_use else f"cannot be used: {error}"
            other = port + 1 if port < 65535 else 7861
            raise HostingLabError(
                f"Port {port} of {host} {why}. Try another port: `hostlab demo --port {other}`."
            ) from error


def _root(root_path: str) -> str:
    """Return a root path as Gradio needs it, without a slash at its end. Raises BadInput."""
    if root_path and not root_path.startswith(("/", "http://", "https://")):
        raise BadInput(
            f"--root-path {root_path} is neither a path, such as /demo, nor an address, such as "
            "https://example.org/demo. Use the one at which readers open the page."
        )
    return root_path.rstrip("/")


def _address(host: str, port: int, root_path: str) -> str:
    if root_path.startswith("http"):
        return f"{root_path}/"
    if root_path:
        return f"{_address(host, port, '')}, behind a proxy at the path {root_path}/,"
    if host in ("0.0.0.0", "::"):
        here = f"(here: http://127.0.0.1:{port})"
        number = _number_in_network()
        by_number = f" or http://{number}:{port}" if number else ""
        return f"http://{socket.gethostname()}:{port}{by_number} {here}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _number_in_network() -> str | None:
    """Return this machine's address in its network, as not every network knows names; or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))  # sends nothing; the system chooses the interface
        except OSError:
            return None
        address = str(probe.getsockname()[0])
        return None if is_loopback(address) else address


def _report(stopped: Sequence[str], kept: Sequence[Status]) -> None:
    if stopped:
        print(f"Stopped with the demo: {', '.join(stopped)}.")
    for status in kept:
        where = f", at {status.url}" if status.url else ""
        print(f"{status.method} stays{where}. To stop it, run `hostlab down {status.method}`.")
