"""The way of a request through one method: its components as they are now, and the last figures.

The picture has the symbols of the lessons (hostlab/request_path.py).
"""

from collections.abc import Sequence

from markupsafe import Markup

from demo.formatting import milliseconds
from demo.tabs.compare.comparison import MethodRow
from demo.templating import render
from demo.texts import Texts
from hostlab.client import Timing
from hostlab.path_parts import PathBorder, PathBox, Runner, Stage, Symbol
from hostlab.request_path import legend_svg, path_svg
from hostlab.request_path_down import path_down_svg
from hostlab.types import Component

_LEGEND: tuple[Symbol, ...] = ("queue", "model", "process", "container", "pod", "provider", "dead")
_UNKNOWN = Timing(None, None, None, None)


def way(row: MethodRow, components: Sequence[Component], texts: Texts) -> Markup:
    """Return the picture of a method that consists of `components`, and a legend."""

    def figure(ms: float) -> str:
        return texts("way.ms", ms=milliseconds(ms, texts))

    description = texts("way.description", method=texts.title(row.method))
    passed = stages(row, components, texts)
    return render(
        "tabs/compare/way.html.j2",
        texts=texts,
        method=row.method,
        # Markup, because what draws them escapes all words
        wide=Markup(path_svg(passed, figure, description)),
        narrow=Markup(path_down_svg(passed, figure, description)),
        legend=[Markup(legend_svg({key: texts(f"way.{key}")})) for key in _LEGEND],
    )


def stages(row: MethodRow, components: Sequence[Component], texts: Texts) -> tuple[Stage, ...]:
    """Return what a request passes, from the client to the model."""
    parts = row.summary.parts_ms if row.summary else _UNKNOWN
    client = Stage((PathBorder((PathBox(texts("way.client"), "client"),)),))
    api, hop = PathBox(texts("way.api")), texts("way.hop")
    whole, entrances, models, providers = (
        [one for one in components if one.role == role]
        for role in ("both", "api", "model", "provider")
    )
    if whole:
        boxes = (api, *_model(parts, texts))
        return client, Stage(tuple(_border(one, boxes) for one in whole), hop, parts.hop)
    borders = tuple(_border(one, (api,)) for one in entrances)
    if models:
        # The client cannot tell the two hops apart.
        to_api = Stage(borders, hop, parts.hop, texts("way.hops"))
        return client, to_api, Stage(_replicas(row, models, parts, texts), hop)
    provider = tuple(_border(one, _at_provider(texts), "provider") for one in providers)
    somewhere = (PathBorder(_at_provider(texts), "provider", texts("way.provider")),)
    upstream = Stage(provider or somewhere, texts("part.upstream"), parts.upstream, part="upstream")
    return client, Stage(borders, hop, parts.hop), upstream


def _replicas(
    row: MethodRow, models: Sequence[Component], parts: Timing, texts: Texts
) -> tuple[PathBorder, ...]:
    """Return the replicas. Those that did not answer the last request have no milliseconds."""
    if len(models) == 1:
        return (_border(models[0], _model(parts, texts)),)
    host = row.measured[-1].replica if row.measured else None
    return tuple(
        _border(one, _model(parts, texts), answered=True)
        if _runs_on(one, host)
        else _border(one, _model(_UNKNOWN, texts))
        for one in models
    )


def _runs_on(component: Component, host: str | None) -> bool:
    """Return whether `host` is a component's: a pod's is its name, a container's its ID."""
    return bool(host) and (component.name == host or component.id.startswith(str(host)))


def _border(
    component: Component,
    boxes: tuple[PathBox, ...],
    runner: Runner | None = None,
    answered: bool = False,
) -> PathBorder:
    alive = component.state != "dead"
    return PathBorder(boxes, runner or component.kind, component.name, alive, answered)


def _model(parts: Timing, texts: Texts) -> tuple[PathBox, ...]:
    return (
        PathBox(texts("part.queue"), "queue", parts.queue),
        PathBox(texts("part.model"), "model", parts.model),
    )


def _at_provider(texts: Texts) -> tuple[PathBox, ...]:
    return (PathBox(texts("part.model"), "model"),)
