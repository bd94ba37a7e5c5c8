"""The method `api`: a service in front of a model that someone else runs.

If no provider is named, a local stand-in for one is started, too.
"""

import os
import secrets
from urllib.parse import urlsplit

import requests

from deployments.api.base_address import check_base_url, is_local
from deployments.api.config import LOCAL_KEY
from hostlab.deployment import Deployment
from hostlab.errors import NotRunning, RequestFailed
from hostlab.http import local_session
from hostlab.runtime import state
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor, Program
from hostlab.runtime.progress import Progress, Sentence
from hostlab.types import Tool

# These settings are kept for a restart from another terminal. The key is not, because they are
# written to a file.
_KEPT_SETTINGS = (
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "OPENAI_API_KEY_FILE",
    "API_ROUTE",
    "API_LABELS",
    "API_QUESTION",
    "API_PRICES",
    "API_CONCURRENCY",
    "API_RETRIES",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
_ADVICE = (
    "Set OPENAI_BASE_URL to the address of the provider and OPENAI_API_KEY to the key of your "
    "account there, or unset OPENAI_BASE_URL to use the local provider, which needs none."
)
REMOTE_READY_TIMEOUT_S = 30.0  # nothing is loaded: after that, the address or the key is wrong


class SystemThroughApi(Deployment):
    """The API's process and, unless OPENAI_BASE_URL names a provider, the local provider's."""

    method = "api"
    by_hand = (
        "python deployments/api/stand_in/provider.py",
        "python deployments/api/api_service.py",
    )
    supervisor: ProcessSupervisor

    def __init__(self) -> None:
        self.supervisor = ProcessSupervisor(self.method)

    def tools(self) -> list[Tool]:
        """Return what a provider that OPENAI_BASE_URL names needs."""
        return [
            Tool("a provider", "OPENAI_BASE_URL names one, with its key", _ADVICE, _missing_key)
        ]

    def launch(self, record: state.Record, progress: Progress) -> None:
        """Start api_service.py and, if no provider is named, the local one."""
        settings = {name: os.environ[name] for name in _KEPT_SETTINGS if os.environ.get(name)}
        programs = []
        if base_url := _base_url():
            self.ready_timeout_s = REMOTE_READY_TIMEOUT_S
            host = urlsplit(base_url).hostname or ""
            free = is_local(base_url)
            progress(
                Sentence("start.api", host=host) if free else Sentence("start.paid_api", host=host)
            )
        else:  # even with a key, which many people have set, and which is no consent to costs
            progress(Sentence("start.local_provider"))
            provider = _local_provider()
            programs.append(provider)
            settings |= {
                "OPENAI_BASE_URL": f"http://127.0.0.1:{provider.port}/v1",
                "OPENAI_API_KEY": LOCAL_KEY,
                "OPENAI_API_KEY_FILE": "",
                "OPENAI_MODEL": "",
            }
        program = COURSE / "api" / "api_service.py"
        programs.append(Program("api_service", "api", program, free_port(), settings))
        self.supervisor.launch(programs, record)

    def set_provider_behavior(self, key: str | None = None, **behavior: object) -> None:
        """Make the local provider slow, failing, or strict, for one key or for all of them.

        `set_provider_behavior(delay_s=2)`, `set_provider_behavior(status=500, times=3)`: see
        deployments/api/stand_in/behavior.py for all settings. Without any, the provider behaves
        well again. Raises NotRunning if no local provider runs, and RequestFailed if it rejects the
        setting.
        """
        record = state.read(self.method)
        processes = record.processes if record else []
        provider = next((one for one in processes if one.role == "provider"), None)
        if provider is None:
            raise NotRunning(
                "The local provider does not run. Start it: `hostlab up api`, with OPENAI_BASE_URL "
                "unset."
            )
        url = f"http://127.0.0.1:{provider.environment['PORT']}/admin/behavior"
        headers = {"Authorization": f"Bearer {provider.environment['PROVIDER_ADMIN_TOKEN']}"}
        parameters = {"key": key} if key else None
        with local_session() as session:
            try:
                response = session.put(
                    url, params=parameters, json=behavior, headers=headers, timeout=10
                )
            except requests.RequestException as error:
                detail = "The local provider does not answer. To restart it, run `hostlab up api`."
                raise RequestFailed("No connection", detail) from error
        if response.status_code != 200:
            detail = response.json()["error"]["message"]
            raise RequestFailed("The local provider rejected it", detail, response.status_code)


def _local_provider() -> Program:
    settings = {"PROVIDER_KEYS": LOCAL_KEY, "PROVIDER_ADMIN_TOKEN": secrets.token_hex(16)}
    program = COURSE / "api" / "stand_in" / "provider.py"
    return Program("provider", "provider", program, free_port(), settings)


def _base_url() -> str:
    return os.environ.get("OPENAI_BASE_URL", "").strip()


def _missing_key() -> str | None:
    base_url = _base_url()
    if not base_url:
        return None
    try:
        check_base_url(base_url)
    except ValueError as error:
        return str(error)
    if is_local(base_url):
        return None
    given = os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_API_KEY_FILE")
    return None if given else "OPENAI_API_KEY is not set."
