"""The way of a request in lessons 03 and 05, with the milliseconds that the reader measured."""

from collections.abc import Collection, Sequence
from statistics import median

from IPython.display import HTML

from hostlab.measure.comparison import MeasuredPrediction
from hostlab.request_path import PathBorder, PathBox, Stage, path_svg
from notebooks.lessons import texts_ways as texts

Replies = Sequence[MeasuredPrediction]
CLIENT = Stage((PathBorder((PathBox(texts.CLIENT, "client"),)),))


def docker(replies: Replies = (), models: int = 1, dead: Collection[int] = ()) -> HTML:
    """Draw the way through the API's container to the model's.

    `replies` give the medians. `models` is the number of model containers, and `dead` has the
    numbers of those whose program has been killed, from 1.
    """
    api = PathBorder((PathBox("api_service.py"),), "container", "api-service-1")
    containers = tuple(
        PathBorder(
            (
                PathBox(texts.QUEUE, "queue", _median(replies, "queue")),
                PathBox(texts.MODEL, "model", _median(replies, "model")),
            ),
            "container",
            f"model-service-{number}",
            alive=number not in dead,
        )
        for number in range(1, models + 1)
    )
    # One figure for both hops, because the client cannot tell them apart.
    hop = _median(replies, "hop")
    name = texts.HOPS if replies else texts.HOP
    return HTML(
        path_svg((CLIENT, Stage((api,), name, hop), Stage(containers, texts.HOP)), texts.MS.format)
    )


def api(replies: Replies = (), alive: bool = True) -> HTML:
    """Draw the way through your service to the provider, whose inside you can't see."""
    service = PathBorder((PathBox("api_service.py"),), "process", texts.YOURS)
    provider = PathBorder((PathBox(texts.MODEL, "model"),), "provider", texts.PROVIDER, alive)
    return HTML(
        path_svg(
            (
                CLIENT,
                Stage((service,), texts.HOP, _median(replies, "hop")),
                Stage((provider,), texts.UPSTREAM, _median(replies, "upstream")),
            ),
            texts.MS.format,
        )
    )


def _median(replies: Replies, part: str) -> float | None:
    found = [getattr(one.timing_ms, part) for one in replies if one.timing_ms]
    known = [one for one in found if one is not None]
    return median(known) if known else None
