"""A white canvas for the few shapes of a diagram, which become the text of an SVG."""

from math import atan2, degrees
from xml.etree import ElementTree


class SvgCanvas:
    """Shapes on a white ground. All coordinates are in pixels, from the top left corner."""

    def __init__(self, width: float, height: float, description: str = "") -> None:
        size = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}"}
        style = "max-width: 100%; height: auto; font-family: sans-serif"
        root = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "style": style}
        named = {"aria-label": description} if description else {}
        self._svg = ElementTree.Element("svg", root | size | named)
        # Without a ground, black text cannot be read on a dark page.
        self.rectangle(0, 0, width, height, fill="#ffffff")

    def rectangle(self, x: float, y: float, width: float, height: float, **style: str) -> None:
        self._add("rect", style, x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}")

    def polygon(self, *corners: tuple[float, float], **style: str) -> None:
        self._add("polygon", style, points=" ".join(f"{x:g},{y:g}" for x, y in corners))

    def line(self, x: float, y: float, to_x: float, to_y: float, **style: str) -> None:
        self._add("line", style, x1=f"{x:g}", y1=f"{y:g}", x2=f"{to_x:g}", y2=f"{to_y:g}")

    def arrow(
        self, x: float, y: float, to_x: float, to_y: float, color: str, width: int = 1
    ) -> None:
        """Draw a line with a head at its end."""
        self.line(x, y, to_x, to_y, stroke=color, stroke_width=f"{width}")
        turn = f"rotate({degrees(atan2(to_y - y, to_x - x)):g} {to_x:g} {to_y:g})"
        head = ((to_x, to_y), (to_x - 8, to_y - 4), (to_x - 8, to_y + 4))
        self.polygon(*head, fill=color, transform=turn)

    def text(self, x: float, y: float, text: str, **style: str) -> None:
        """Write one line whose middle is at `x` and whose baseline is at `y`."""
        style = {"text_anchor": "middle", "font_size": "13"} | style
        self._add("text", style, x=f"{x:g}", y=f"{y:g}").text = text

    def source(self) -> str:
        """Return the SVG."""
        return ElementTree.tostring(self._svg, encoding="unicode")

    def _add(self, tag: str, style: dict[str, str], **place: str) -> ElementTree.Element:
        named = {name.replace("_", "-"): value for name, value in style.items()}
        return ElementTree.SubElement(self._svg, tag, place | named)
