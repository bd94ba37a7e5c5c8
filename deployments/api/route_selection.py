"""Select the route to a provider: the best of those that it offers (see routes.py)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from deployments.api.error_mapping import reason_not_offered
from deployments.api.routes import ROUTES, RouteResult
from deployments.services.problems import Problem

log = logging.getLogger("hostlab")

AskByRoute = Callable[[str], Awaitable[RouteResult]]


class RouteSelection:
    """Keeps the selected route. The first text selects it for all."""

    def __init__(self, setting: str) -> None:
        self._fixed = setting != "auto"
        self.route: str | None = setting if self._fixed else None
        self.reason = "set by API_ROUTE" if self._fixed else ""
        self._selecting = asyncio.Lock()

    async def ask(self, ask_by: AskByRoute) -> RouteResult:
        """Ask by the selected route; select one first if there is none. Raises Problem."""
        if self.route is None:
            async with self._selecting:
                if self.route is None:
                    return await self._select(ask_by)
        route = self.route
        try:
            return await ask_by(route)
        except Problem as problem:
            gone = getattr(problem.__cause__, "status_code", None) in (404, 405)
            if gone and not self._fixed and route == self.route:
                self.route = None  # the provider has changed: the next text selects again
            raise

    async def _select(self, ask_by: AskByRoute) -> RouteResult:
        """Try the routes in order, and keep the first that gives a score, else a label."""
        skipped: list[str] = []
        without_score: tuple[str, RouteResult] | None = None
        for route in ROUTES:
            if route == "plain" and without_score:
                break
            try:
                result = await ask_by(route)
            except Problem as problem:
                reason = reason_not_offered(problem.__cause__)
                if reason is None or route == "plain":
                    raise
                skipped.append(f"{route}: {reason}")
                continue
            if result.score is not None:
                return self._keep(route, skipped, result)
            skipped.append(f"{route}: {result.no_score}")
            without_score = without_score or (route, result)
        assert without_score is not None  # `plain` gives a label or raises
        return self._keep(without_score[0], skipped, without_score[1])

    def _keep(self, route: str, skipped: list[str], result: RouteResult) -> RouteResult:
        self.route, self.reason = route, "; ".join(skipped) or "the best route"
        log.info("route: %s (%s)", self.route, self.reason)
        return result
