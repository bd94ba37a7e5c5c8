"""The picture of each method that a lesson shows: the way of a request, with measured milliseconds.

`in_process()` is the bare picture. `in_process(samples)` has the medians of the samples on it, and
`in_process(alive=False)` shows what is lost when the process is dead.
"""

from collections.abc import Sequence
from statistics import median

from IPython.display import SVG

from hostlab.measure.comparison import MeasuredPrediction
from hostlab.request_path import PathBorder, PathBox, Stage, legend_svg, path_svg
from notebooks.lessons import texts_pictures as texts


def legend() -> SVG:
    """Return the symbols of all pictures, and what each of them means."""
    return SVG(legend_svg(texts.LEGEND))


def in_process(samples: Sequence[MeasuredPrediction] = (), alive: bool = True) -> SVG:
    """Return the picture of method 1."""
    hop, queue, model = _medians(samples)
    boxes = (PathBox(texts.HTTP_SERVER), *_model(queue, model))
    service = PathBorder(boxes, "process", "service.py", alive)
    return SVG(path_svg((_client(), Stage((service,), texts.HOP, hop)), texts.figure))


def separate_process(
    alone: Sequence[MeasuredPrediction] = (),
    split: Sequence[MeasuredPrediction] = (),
    dead: str | None = None,
) -> SVG:
    """Return the picture of method 2.

    `split` has its samples, and `alone` those of method 1, whose hop is the first of the two here.
    `dead` names the process that is crossed out: api_service or model_service.
    """
    both, queue, model = _medians(split)
    first = _medians(alone)[0]
    second = None if both is None or first is None else max(0.0, both - first)
    api = PathBorder((PathBox(texts.GATEWAY),), "process", "api_service.py", dead != "api_service")
    service = PathBorder(
        _model(queue, model), "process", "model_service.py", dead != "model_service"
    )
    stages = (_client(), Stage((api,), texts.HOP, first), Stage((service,), texts.HOP, second))
    return SVG(path_svg(stages, texts.figure))


def _client() -> Stage:
    return Stage((PathBorder((PathBox(texts.CLIENT, "client"),)),))


def _model(queue: float | None, model: float | None) -> tuple[PathBox, PathBox]:
    return PathBox(texts.QUEUE, "queue", queue), PathBox(texts.MODEL, "model", model)


def _medians(
    samples: Sequence[MeasuredPrediction],
) -> tuple[float | None, float | None, float | None]:
    """Return the medians of hop, queue, and model in ms. Without samples, there are none."""
    timings = [sample.timing_ms for sample in samples if sample.timing_ms]
    if not timings:
        return None, None, None
    return (
        median(one.hop or 0.0 for one in timings),
        median(one.queue or 0.0 for one in timings),
        median(one.model or 0.0 for one in timings),
    )
