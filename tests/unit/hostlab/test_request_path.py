"""The picture of a request's way: what is on it, and what a dead part looks like."""

from xml.etree import ElementTree

import pytest

from hostlab.palette import MODEL_FILL, VERMILION
from hostlab.path_parts import PathBorder, PathBox, Stage
from hostlab.request_path import legend_svg, path_svg
from hostlab.request_path_down import path_down_svg

SVG = "{http://www.w3.org/2000/svg}"
CLIENT = Stage((PathBorder((PathBox("client", "client"),)),))


def model(alive: bool = True) -> PathBorder:
    boxes = (PathBox("queue", "queue", 0.25), PathBox("model", "model", 4.26))
    return PathBorder(boxes, "process", "service.py", alive)


def texts(picture: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def colors(picture: str, tag: str, attribute: str) -> list[str | None]:
    return [one.get(attribute) for one in ElementTree.fromstring(picture).iter(f"{SVG}{tag}")]


def test_each_figure_stands_at_its_part() -> None:
    picture = path_svg((CLIENT, Stage((model(),), "hop", 1.31)))
    assert texts(picture)[:4] == ["hop", "1.3 ms", "client", "service.py"]
    assert texts(picture)[4:] == ["queue", "0.2 ms", "model", "4.3 ms"]


def test_figures_are_written_as_the_caller_says() -> None:
    picture = path_svg((CLIENT, Stage((model(),), "hop", 1.31)), lambda ms: f"{ms:.2f} мс")
    assert "1.31 мс" in texts(picture) and "4.26 мс" in texts(picture)


def test_only_the_model_is_yellow() -> None:
    picture = path_svg((CLIENT, Stage((model(),))))
    assert colors(picture, "rect", "fill").count(MODEL_FILL) == 1


def test_a_dead_part_is_crossed_out_gray_and_without_figures() -> None:
    alive, dead = (path_svg((CLIENT, Stage((model(state),)))) for state in (True, False))
    assert colors(alive, "line", "stroke").count(VERMILION) == 0
    assert colors(dead, "line", "stroke").count(VERMILION) == 2
    assert MODEL_FILL not in dead and "4.3 ms" not in dead
    assert len(colors(alive, "polygon", "fill")) == 1 + len(colors(dead, "polygon", "fill"))


def two_hops(*replicas: PathBorder) -> tuple[Stage, ...]:
    api = PathBorder((PathBox("API"),), "process", "api.py")
    return CLIENT, Stage((api,), "hop", 23.6, "both hops"), Stage(replicas, "hop")


@pytest.mark.parametrize("draw", [path_svg, path_down_svg])
def test_a_figure_of_two_ways_stands_at_neither(draw) -> None:
    words = texts(draw(two_hops(model())))
    assert words.count("hop") == 2 and "both hops 23.6 ms" in words
    assert "23.6 ms" not in words


@pytest.mark.parametrize("draw", [path_svg, path_down_svg])
def test_a_way_to_what_is_dead_has_no_figure(draw) -> None:
    assert "23.6" not in draw(two_hops(model(alive=False)))
    assert "23.6" in draw(two_hops(model(alive=False), model()))
    assert "1.3 ms" not in draw((CLIENT, Stage((model(alive=False),), "hop", 1.31)))


def test_the_narrow_picture_fits_a_phone() -> None:
    whole = PathBorder((PathBox("API"), *model().boxes), "process", "service.py")
    for way in ((CLIENT, Stage((whole,), "hop", 123.4)), two_hops(model(), model(), model())):
        _, _, width, _ = ElementTree.fromstring(path_down_svg(way)).get("viewBox", "").split()
        assert float(width) <= 326  # what a screen of 390 pixels leaves


def test_each_replica_gets_an_arrow_of_its_own() -> None:
    replicas = Stage((model(), model(), model(alive=False)))
    lines = colors(path_svg((CLIENT, replicas)), "line", "stroke-dasharray")
    assert len(lines) == 3 + 2 and lines.count("4 4") == 1  # and two that cross one out


@pytest.mark.parametrize("draw", [path_svg, path_down_svg])
def test_everything_is_within_the_picture(draw) -> None:
    picture = ElementTree.fromstring(draw((CLIENT, Stage((model(), model()), "a long arrow"))))
    _, _, width, height = map(float, picture.get("viewBox", "").split())
    for one in picture.iter(f"{SVG}rect"):
        right = float(one.get("x", 0)) + float(one.get("width", 0))
        bottom = float(one.get("y", 0)) + float(one.get("height", 0))
        assert right <= width and bottom <= height


def test_a_name_cannot_break_the_picture() -> None:
    assert "<b> & </b>" in texts(path_svg((CLIENT, Stage((PathBorder((PathBox("<b> & </b>"),)),)))))


def test_a_legend_has_a_symbol_for_each_word() -> None:
    words = {"model": "the model", "pod": "a pod", "dead": "has ended"}
    assert texts(legend_svg(words)) == list(words.values())
