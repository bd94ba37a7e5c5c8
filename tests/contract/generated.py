"""Requests that Schemathesis generates from an OpenAPI document.

It takes ten times as long to generate a request as to send it, and the services have the same
paths. So all processes of a test run share what the first one generated, in a file.
"""

import functools
import hashlib
import json
import pickle
import re
from pathlib import Path
from typing import Any

import schemathesis
from filelock import FileLock
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

# What a case is made of. Its operation holds the whole schema, which cannot be pickled.
_ARGUMENTS = (
    "method",
    "path",
    "path_parameters",
    "headers",
    "cookies",
    "query",
    "body",
    "media_type",
    "multipart_content_types",
    "meta",
)


def generate_once(
    folder: Path, document: dict[str, Any], mode: GenerationMode, requests: int, random_seed: int
) -> list[schemathesis.Case]:
    """Return the same as `generate`, from files in `folder` where another process wrote them."""
    return [
        case
        for path in _by_path(document)
        for case in _of_path_once(folder, path, mode, requests, random_seed)
    ]


def generate(
    document: dict[str, Any], mode: GenerationMode, requests: int, random_seed: int
) -> list[schemathesis.Case]:
    """Return requests that a document allows, or forbids: up to `requests` for each path."""
    return [
        case for path in _by_path(document) for case in _of_path(path, mode, requests, random_seed)
    ]


def _of_path_once(
    folder: Path, document: str, mode: GenerationMode, requests: int, random_seed: int
) -> list[schemathesis.Case]:
    key = json.dumps([document, mode.value, requests, random_seed])
    path = folder / f"requests-{hashlib.sha256(key.encode()).hexdigest()[:16]}.pickle"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            cases = _of_path(document, mode, requests, random_seed)
            arguments = [
                (case.operation.label, {name: getattr(case, name) for name in _ARGUMENTS})
                for case in cases
            ]
            path.write_bytes(pickle.dumps(arguments))
    operations = {one.label: one for one in _operations(document)}
    return [
        schemathesis.Case(operations[label], **arguments)
        for label, arguments in pickle.loads(path.read_bytes())
    ]


@functools.cache
def _of_path(
    document: str, mode: GenerationMode, requests: int, random_seed: int
) -> list[schemathesis.Case]:
    """Cached, because the services have the same paths."""
    cases = []
    for operation in _operations(document):
        has_body = len(operation.body) > 0
        if mode is GenerationMode.NEGATIVE and not has_body:
            continue  # a request without a body cannot be invalid

        @seed(random_seed)
        @settings(
            max_examples=requests if has_body else 1,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case: schemathesis.Case) -> None:
            cases.append(case)

        collect()
    return cases


def _by_path(document: dict[str, Any]) -> list[str]:
    """Return the document of each path alone, without what differs between the methods.

    So a path that several methods have needs its requests only once, although one of them has
    another path besides.
    """
    neutral = document | {"info": {"title": "any", "version": "1"}}
    return [
        json.dumps(
            neutral
            | {"paths": {path: item}, "components": {"schemas": _referred_to(item, document)}},
            sort_keys=True,
        )
        for path, item in document["paths"].items()
    ]


def _referred_to(item: object, document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that a part of a document refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(item)):
        schema = document["components"]["schemas"][name]
        found |= {name: schema} | _referred_to(schema, document)
    return found


def _operations(document: str) -> list[APIOperation]:
    schema = schemathesis.openapi.from_dict(json.loads(document))
    return [found.ok() for found in schema.get_all_operations()]
