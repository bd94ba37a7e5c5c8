"""The form of report.json as a JSON Schema, made from the types that the parts return."""

from typing import Any

from pydantic import Field, TypeAdapter, create_model

from hostlab.measure.job import SCHEMA
from hostlab.measure.suite import PARTS, Report


def schema() -> dict[str, Any]:
    """Return a JSON Schema (draft 2020-12) of what `Report.as_dict()` gives."""
    parts: dict[str, Any] = {
        name.replace("-", "_"): (part.result | None, Field(None, alias=name, title=part.title))
        for name, part in PARTS.items()
    }
    results = TypeAdapter(create_model("Results", **parts)).json_schema(by_alias=True)
    whole = TypeAdapter(Report).json_schema()
    definitions = results.pop("$defs")
    results["additionalProperties"] = False
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["$defs"] = whole.get("$defs", {}) | definitions
    whole["properties"] |= {"results": results, "schema": {"const": SCHEMA}}
    whole["required"] = list(whole["properties"])
    return whole
