"""What is missing of the tools that a method needs."""

from collections.abc import Sequence

from hostlab.errors import explain
from hostlab.types import Tool


def missing(tools: Sequence[Tool]) -> str | None:
    """Return what is missing, in sentences, or None. Never raises."""
    found = [(tool, why) for tool in tools if (why := _problem_of(tool))]
    sentences = (f"{tool.name} ({tool.purpose}): {why} {tool.install}" for tool, why in found)
    return " ".join(sentence.strip() for sentence in sentences) or None


def _problem_of(tool: Tool) -> str | None:
    try:
        return tool.missing()
    except Exception as error:  # a tool that breaks in an unknown way is missing as well
        return explain(error)
