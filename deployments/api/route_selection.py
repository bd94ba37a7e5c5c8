"""Select the route to a provider: the best of those that it offers (see routes.py).

To find a route is one thing, and a failure of the provider another: how a provider answers at an
address that it does not have says nothing about its health. So such an answer is neither retried
nor counted for the circuit breaker; the next route is tried. Only the last one has to succeed.

A gateway may pass a request for one of the rarer routes on to where nothing answers. So such a
route is left out for some time after it did not respond in time.
"""

import asyncio
import math
import time
from typing import Protocol

from deployments.api.config import ROUTES
from deployments.api.error_mapping import reason_to_skip
from deployments.api.route_result import RouteResult
from deployments.services.logs import log
from deployments.services.problems import Problem

SELECT_AGAIN_S = 300.0  # after a better route failed with 5xx or too late: maybe an incident
RARE = ("decisions", "systemone")  # most providers only have chat completions


class AskByRoute(Protocol):
    """Asks the provider by a route. `probing`: whether another route is tried if this one fails."""

    async def __call__(self, route: str, *, probing: bool) -> RouteResult: ...


class RouteSelection:
    """Keeps the selected route. The first text selects it for all."""

    def __init__(self, setting: str) -> None:
        self._fixed = setting != "auto"
        self.route: str | None = setting if self._fixed else None
        self.reason = "set by API_ROUTE" if self._fixed else ""
        self._keep_until = math.inf
        self._too_late: set[str] = set()  # rare routes that did not respond in time
        self._selecting = asyncio.Lock()

    async def ask(self, ask_by: AskByRoute) -> RouteResult:
        """Ask by the selected route; select one first if there is none. Raises Problem."""
        if self._selected() is None:
            async with self._selecting:
                if self._selected() is None:
                    return await self._select(ask_by)
        route = self.route
        assert route is not None
        try:
            return await ask_by(route, probing=False)
        except Problem as problem:
            gone = getattr(problem.__cause__, "status_code", None) in (404, 405)
            if gone and not self._fixed and route == self.route:
                self.route = None  # the provider has changed: the next text selects again
            raise

    def _selected(self) -> str | None:
        return self.route if time.monotonic() < self._keep_until else None

    async def _select(self, ask_by: AskByRoute) -> RouteResult:
        """Try the routes in order, and keep the first that gives a score, else a label."""
        skipped: list[str] = []
        without_score: tuple[str, RouteResult] | None = None
        keep_s = math.inf
        too_late, self._too_late = self._too_late, set()
        for route in ROUTES:
            last = route == ROUTES[-1]
            if last and without_score:
                break
            if route in too_late:
                skipped.append(f"{route}: no response in time")
                keep_s = SELECT_AGAIN_S
                continue
            try:
                result = await ask_by(route, probing=not last)
            except Problem as problem:
                reason = reason_to_skip(problem.__cause__)
                if reason is None or last:
                    if problem.status == 504 and route in RARE:
                        self._too_late = too_late | {route}
                    raise
                skipped.append(f"{route}: {reason}")
                if getattr(problem.__cause__, "status_code", 0) >= 500:
                    keep_s = SELECT_AGAIN_S
                continue
            if result.score is not None:
                return self._keep(route, skipped, result, keep_s)
            skipped.append(f"{route}: {result.no_score}")
            without_score = without_score or (route, result)
        assert without_score is not None  # the last route gives a label or raises
        return self._keep(without_score[0], skipped, without_score[1], keep_s)

    def _keep(
        self, route: str, skipped: list[str], result: RouteResult, keep_s: float
    ) -> RouteResult:
        self.route, self.reason = route, "; ".join(skipped) or "the best route"
        self._keep_until = time.monotonic() + keep_s
        log.info("route: %s (%s)", self.route, self.reason)
        return result
