"""Find out whether the provider can be used, free of charge: what /ready says."""

import asyncio
import time

from deployments.api.config import ProviderSettings
from deployments.api.provider_client import ProviderClient
from deployments.services.problems import Problem

CHECK_EVERY_S = 2.0  # /ready is polled more often than the provider needs to be
# Where a request for an answer goes, by API_ROUTE; with `auto`, one of them has to exist
_PATHS = {
    "auto": ("/chat/completions", "/decisions", "/systemone"),
    "decisions": ("/decisions",),
    "chat": ("/chat/completions",),
    "systemone": ("/systemone",),
    "plain": ("/chat/completions",),
}


class ProviderCheck:
    """Knows the model and its labels, and whether the provider takes requests for it.

    `model` and `labels` are None until they are known. `labels` stays None if neither the settings
    nor the provider name any.
    """

    def __init__(self, settings: ProviderSettings, client: ProviderClient) -> None:
        self._settings, self._client = settings, client
        self.model, self.labels = settings.model, settings.labels
        self._checking = asyncio.Lock()
        self._checked_at = float("-inf")
        self._problem: Problem | None = None  # what the last check found
        self._address_is_good = False

    async def check(self) -> None:
        """Raise Problem unless the provider responds, accepts the key, and the model is known."""
        self._client.breaker.check()
        arrived = time.monotonic()
        async with self._checking:  # those who waited here share the result
            max_age_s = 0.0 if self._problem else CHECK_EVERY_S
            if self._checked_at < arrived - max_age_s:
                self._problem = await self._find_problem()
                self._checked_at = time.monotonic()
        if self._problem:
            raise self._problem

    def repeat(self) -> None:
        """Check everything again at the next opportunity, because a request has failed."""
        self._checked_at, self._address_is_good = float("-inf"), False

    async def _find_problem(self) -> Problem | None:
        """Return what keeps the provider from being used, or None. Sets the model and labels."""
        try:
            models = await self._client.list_models()
            if self.model is None and len(models) != 1:
                return self._no_model(list(models))
            self.model = self.model or next(iter(models))
            if self.model not in models and not self._address_is_good:
                # The list may be short or hidden, or there is no such model, or nothing at all
                await self._find_address(self.model)
        except Problem as problem:
            return problem
        self._address_is_good = True
        if self.labels is None:
            self.labels = _valid_labels(getattr(models.get(self.model), "labels", None))
        return None

    async def _find_address(self, model: str) -> None:
        """Raise Problem unless one of the addresses that a route needs exists."""
        first: Problem | None = None
        for path in _PATHS[self._settings.route]:
            try:
                return await self._client.check_path(path, model)
            except Problem as problem:
                if getattr(problem.__cause__, "status_code", 404) not in (404, 405):
                    raise  # there is something, and it does not work
                first = first or problem
        if first:
            raise first

    def _no_model(self, names: list[str]) -> Problem:
        known = (
            f" It has: {', '.join(names[:10])}."
            if names
            else " It shows no list of its models, or not with this key."
        )
        detail = (
            f"Set OPENAI_MODEL to the name of a model at {self._settings.host}, "
            f"and start the service again.{known}"
        )
        return Problem(503, "No model is chosen", detail)


def _valid_labels(labels: object) -> tuple[str, ...] | None:
    """Return the labels from a provider's list of models, unless they are not usable."""
    if not isinstance(labels, list) or not labels:
        return None
    usable = all(isinstance(label, str) and label.isprintable() for label in labels)
    return tuple(labels) if usable and len(set(labels)) == len(labels) else None
