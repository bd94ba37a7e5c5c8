"""The form of report.json, made from the types that the parts return."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, create_model

from hostlab.measure.job import SCHEMA
from hostlab.measure.suite import PARTS, Report


class _Machine(BaseModel):
    """What every table says about the machine."""

    processor: str
    threads: int | None
    memory_gb: float
    system: str


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


def checked(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report of the current schema; what its rows leave out gets its default.

    Raises KeyError for a missing field, ValueError for an unknown part, and
    pydantic.ValidationError for a value of another type.
    """
    for name in Report.__dataclass_fields__:  # all have a default, which a file has to state
        report[name]
    TypeAdapter(Report).validate_python(report)
    _Machine.model_validate(report["machine"])
    if unknown := set(report["results"]) - set(PARTS):
        raise ValueError(f"no part is called {', '.join(sorted(unknown))}")
    results = {
        name: asdict(TypeAdapter(PARTS[name].result).validate_python(result))
        for name, result in report["results"].items()
    }
    return report | {"results": results}
