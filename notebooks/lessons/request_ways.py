"""The way of a request with each method, with the milliseconds that the reader measured.

Without replies, a picture is bare. What is dead is crossed out.
"""

from collections.abc import Collection, Sequence
from statistics import median

from IPython.display import HTML

from hostlab.measure.comparison import MeasuredPrediction
from hostlab.path_parts import PathBorder, PathBox, Stage, Symbol
from hostlab.registry import METHODS
from hostlab.request_path import legend_svg, path_svg
from notebooks.lessons.texts import LessonTexts

texts = LessonTexts("ways")

Replies = Sequence[MeasuredPrediction]
API = PathBox("api_service.py")
SYMBOLS: tuple[Symbol, ...] = (
    *("client", "code", "queue", "model"),
    *("process", "container", "pod", "provider", "dead"),
)


def title(method: str) -> str:
    """Return a method's title in the notebook's language."""
    return texts.table("methods")[method]


def legend() -> HTML:
    """Show the symbols of all pictures and what they mean."""
    return HTML(legend_svg({symbol: texts.table("legend")[symbol] for symbol in SYMBOLS}))


def methods() -> HTML:
    """Show the ways of all five methods, one below the other."""
    pictures = (in_process(), separate_process(), docker(), kubernetes(), api())
    rows = [
        f"<p><b>{number}. {title(method)}</b></p>{picture.data}"
        for number, (method, picture) in enumerate(zip(METHODS, pictures, strict=True), 1)
    ]
    return HTML("".join(rows))


def in_process(replies: Replies = (), alive: bool = True) -> HTML:
    """Draw the way within the single process."""
    boxes = (PathBox(texts("http_server")), *_model(replies))
    service = PathBorder(boxes, "process", "service.py", alive)
    return _drawn(Stage((service,), texts("hop"), _median(replies, "hop")))


def separate_process(
    replies: Replies = (), alone: Replies = (), dead: Collection[str] = ()
) -> HTML:
    """Draw the way through the API's process to the model's.

    `alone` are replies of the single process at the same time: their hop is the first of the two.
    `dead` has the names of the processes that have been killed.
    """
    api = PathBorder(
        (PathBox(texts("gateway")),), "process", "api_service", "api_service" not in dead
    )
    model = PathBorder(_model(replies), "process", "model_service", "model_service" not in dead)
    first, both = _median(alone, "hop"), _median(replies, "hop")
    second = None if first is None or both is None else max(0.0, both - first)
    return _drawn(Stage((api,), texts("hop"), first), Stage((model,), texts("hop"), second))


def docker(replies: Replies = (), models: int = 1, dead: Collection[int] = ()) -> HTML:
    """Draw the way through the API's container to the model's.

    `replies` give the medians. `models` is the number of model containers, and `dead` has the
    numbers of those whose program has been killed, from 1.
    """
    containers = tuple(
        PathBorder(
            _model(replies), "container", f"model-service-{number}", alive=number not in dead
        )
        for number in range(1, models + 1)
    )
    api = PathBorder((API,), "container", "api-service-1")
    # One figure for both hops, because the client cannot tell them apart.
    first = Stage((api,), texts("hop"), _median(replies, "hop"), texts("hops"))
    return _drawn(first, Stage(containers, texts("hop")))


def kubernetes() -> HTML:
    """Draw the way through the API's pod to one of two pods of the model."""
    api = PathBorder((API,), "pod", "api-service-…")
    pods = tuple(PathBorder(_model(()), "pod", "model-service-…") for _ in range(2))
    return _drawn(Stage((api,), texts("hop")), Stage(pods, texts("hop")))


def api(replies: Replies = (), alive: bool = True) -> HTML:
    """Draw the way through your service to the provider, whose inside you can't see."""
    service = PathBorder((API,), "process", texts("yours"))
    provider = PathBorder((PathBox(texts("model"), "model"),), "provider", texts("provider"), alive)
    return _drawn(
        Stage((service,), texts("hop"), _median(replies, "hop")),
        Stage((provider,), texts("upstream"), _median(replies, "upstream"), part="upstream"),
    )


def _model(replies: Replies) -> tuple[PathBox, PathBox]:
    return (
        PathBox(texts("queue"), "queue", _median(replies, "queue")),
        PathBox(texts("model"), "model", _median(replies, "model")),
    )


def _drawn(*stages: Stage) -> HTML:
    client = Stage((PathBorder((PathBox(texts("client"), "client"),)),))
    return HTML(path_svg((client, *stages), lambda ms: texts("ms", ms=ms)))


def _median(replies: Replies, part: str) -> float | None:
    found = [getattr(one.timing_ms, part) for one in replies if one.timing_ms]
    known = [one for one in found if one is not None]
    return median(known) if known else None
