"""The method `api`: a service in front of somebody else's model. Without a provider named, a local one is started too."""

import os
import secrets
from urllib.parse import urlsplit

import requests

from deployments.api.config import LOCAL_KEY, is_local
from hostlab.deployment import Deployment
from hostlab.errors import NotRunning, RequestFailed
from hostlab.runtime import state
from hostlab.runtime.paths import COURSE
from hostlab.runtime.ports import free_port
from hostlab.runtime.processes import ProcessSupervisor, Program
from hostlab.runtime.state import Record
from hostlab.types import Progress, Tool

# what the run was started with holds when it is mended from another terminal. Never the key: this is written to a file
_REMEMBERED = (
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "OPENAI_API_KEY_FILE",
    "API_ROUTE",
    "API_LABELS",
    "API_QUESTION",
    "API_PRICES",
)


class SystemThroughApi(Deployment):
    method = "api"
    by_hand = (
        "python deployments/api/stand_in/provider.py",
        "python deployments/api/api_service.py",
    )

    def __init__(self) -> None:
        self.supervisor = ProcessSupervisor(self.method)

    def tools(self) -> list[Tool]:
        advice = "Set OPENAI_API_KEY to the key of your account there, or unset OPENAI_BASE_URL to use the local provider, which needs none."
        return [
            Tool(
                "a key",
                "the provider that OPENAI_BASE_URL names asks for one",
                advice,
                _missing_key,
            )
        ]

    def launch(self, record: Record, progress: Progress) -> None:
        here = COURSE / "api"
        settings = {name: os.environ[name] for name in _REMEMBERED if os.environ.get(name)}
        programs = []
        if base_url := settings.get("OPENAI_BASE_URL"):
            self.ready_timeout_s = (
                30.0  # nothing is loaded here: if it takes longer, the address or the key is wrong
            )
            bill = "" if is_local(base_url) else " Each request may cost money there."
            progress(f"Starting api_service.py in front of {urlsplit(base_url).hostname}.{bill}")
        else:  # a key alone, which many have in their environment, is no wish to spend money
            progress(
                "Starting provider.py, the local stand-in for a provider, and api_service.py, which asks it."
            )
            port = free_port()
            own = {"PROVIDER_KEYS": LOCAL_KEY, "PROVIDER_ADMIN_TOKEN": secrets.token_hex(16)}
            programs.append(
                Program("provider", "provider", here / "stand_in" / "provider.py", port, own)
            )
            settings |= {
                "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
                "OPENAI_API_KEY": LOCAL_KEY,
                "OPENAI_API_KEY_FILE": "",
                "OPENAI_MODEL": "",
            }
        self.supervisor.launch(
            [
                *programs,
                Program("api_service", "api", here / "api_service.py", free_port(), settings),
            ],
            record,
        )

    def tell_provider(self, key: str | None = None, **behaviour: object) -> None:
        """Make the local provider slow, failing or strict, for one key or for all; without a behaviour: a good day again.

        `tell_provider(delay_s=2)`, `tell_provider(status=500, times=3)`, `tell_provider(requests_per_minute=6)`: see behaviour.py.
        Raises NotRunning where no local provider of ours runs, RequestFailed where it does not take the behaviour.
        """
        record = state.read(self.method)
        local = next(
            (one for one in (record.processes if record else []) if one.name == "provider"), None
        )
        if local is None:
            raise NotRunning(
                "No local provider of this method runs. Start it: `hostlab up api`, with OPENAI_BASE_URL unset."
            )
        url = f"http://127.0.0.1:{local.environment['PORT']}/admin/behaviour"
        headers = {"Authorization": f"Bearer {local.environment['PROVIDER_ADMIN_TOKEN']}"}
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.put(
                    url,
                    params={"key": key} if key else None,
                    json=behaviour,
                    headers=headers,
                    timeout=10,
                )
            except requests.RequestException as error:
                raise RequestFailed(
                    "No connection",
                    "The local provider takes no connection. `hostlab up api` mends it.",
                ) from error
        if answer.status_code != 200:
            raise RequestFailed(
                "The local provider refused", answer.json()["error"]["message"], answer.status_code
            )


def _missing_key() -> str | None:
    base_url = os.environ.get("OPENAI_BASE_URL", "").strip()
    needed = (
        base_url
        and not is_local(base_url)
        and not (os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_API_KEY_FILE"))
    )
    return "OPENAI_API_KEY is not set." if needed else None
