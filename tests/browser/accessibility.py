"""What the page is to a reader without a mouse or without sight, for the browser tests."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).with_name("axe") / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # WCAG 2.2, levels A and AA

# axe-core cannot run in a frame in which no script may run. The report that the Report tab shows in
# such a frame is checked as the file that it is.
_RUN = "levels => axe.run(document, {runOnly: levels, resultTypes: ['violations'], iframes: false})"

# What can take the focus by itself. Of a group of radio buttons, only one is a stop.
_CONTROLS = """() => [...document.querySelectorAll(
  'a[href], button, input, select, textarea, summary, iframe, [tabindex="0"]'
)].filter(
  one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0
).map(one => one.type == 'radio' ? document.querySelector(
  `input[name="${one.name}"]:checked`) ?? one : one
).forEach(one => { one.dataset.control = '' })"""
# The page's script names the groups of a tab's radio buttons soon after the tab has opened.
_NAMED = """() => [...document.querySelectorAll(
  'fieldset:has([data-testid="block-info"]) input[type=radio]'
)].every(one => one.name.startsWith('group-title-'))"""
_LEFT = """() => [...document.querySelectorAll('[data-control]')].map(one => one.outerHTML)"""
_REACHED = """() => {
  const one = document.activeElement
  if (one === document.body) return null
  delete one.dataset.control
  return one.outerHTML.slice(0, 300)
}"""
_OUTLINE = """() => {
  const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement)
  return `${outlineStyle} ${outlineWidth}`
}"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong in the page, in a line for each element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in page.evaluate(_RUN, LEVELS)["violations"]
        for node in rule["nodes"]
    ]


def keyboard_faults(page: Page) -> list[str]:
    """Press Tab through the page; return the controls that it misses, hides, or has no name for.

    A control is hidden where the focus on it does not show.
    """
    page.wait_for_function(_NAMED)
    page.evaluate(_CONTROLS)
    faults = []
    for html, name, outline in _stops(page):
        if not name:
            faults.append(f"no name: {html}")
        if outline != "solid 3px":
            faults.append(f"focus is not visible ({outline}): {html}")
    return faults + [f"not reached: {html[:300]}" for html in page.evaluate(_LEFT)]


def _stops(page: Page) -> Iterator[tuple[str, str, str]]:
    """Yield each element that Tab reaches, from the page's beginning: HTML, name, and outline."""
    session = page.context.new_cdp_session(page)
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")  # the page's beginning
    page.evaluate("document.body.removeAttribute('tabindex')")
    for _ in range(200):
        page.keyboard.press("Tab")
        html = page.evaluate(_REACHED)
        if html is None:  # the page's end, or the way into a frame, which has a process of its own
            page.wait_for_timeout(500)
            html = page.evaluate(_REACHED)
        if html is None:
            break
        focused = session.send("Runtime.evaluate", {"expression": "document.activeElement"})
        tree = session.send(
            "Accessibility.getPartialAXTree",
            {"objectId": focused["result"]["objectId"], "fetchRelatives": False},
        )
        # In a frame, it is an element of the frame that has the focus and shows it.
        frame = page.evaluate_handle("document.activeElement").as_element().content_frame()
        outline = (frame or page).evaluate(_OUTLINE)
        yield html, tree["nodes"][0].get("name", {}).get("value", "").strip(), outline
    session.detach()
