"""One OpenAPI document of all services, out of theirs."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from services.assembly.registry import SERVICES

SCHEMA = "#/components/schemas/"
DESCRIPTION = """\
Every service of Tandem at one address. Each request but a student's answer carries a token; a
change may carry an `Idempotency-Key` of your own, and is then safe to send again. A refusal is a
problem (RFC 9457) with a stable [code](/errors). What has changed is told by [events](/events),
and a caseload is there to be followed: `GET /insights/v1/caseloads/{coach_id}/live`.
"""

Document = dict[str, Any]


def joined(documents: Mapping[str, Document]) -> Document:
    """`documents`: by service. A schema that is another one in two of them is called by its
    service's name, too. Raises ValueError where two services have the same path or operation."""
    twice = _differing(documents)
    first = next(iter(documents.values()))
    whole: Document = {
        "openapi": first["openapi"],
        "info": {**first["info"], "title": "Tandem", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": each, "description": SERVICES[each].about} for each in documents],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    known = set[str]()
    for service, document in documents.items():
        names = {name: f"{service.capitalize()}{name}" for name in twice}
        ours = _renamed(copy.deepcopy(document), names)
        operations = {
            each["operationId"] for methods in ours["paths"].values() for each in methods.values()
        }
        if again := (operations & known) | (ours["paths"].keys() & whole["paths"].keys()):
            raise ValueError(f"{service}: {', '.join(sorted(again))} is another service's, too")
        known |= operations
        whole["paths"] |= ours["paths"]
        whole["components"]["securitySchemes"] |= ours["components"]["securitySchemes"]
        for name, schema in ours["components"]["schemas"].items():
            whole["components"]["schemas"][names.get(name, name)] = schema
    return whole


def _differing(documents: Mapping[str, Document]) -> set[str]:
    found = defaultdict[str, list[Any]](list)
    for document in documents.values():
        for name, schema in document["components"]["schemas"].items():
            found[name].append(schema)
    return {name for name, schemas in found.items() if any(s != schemas[0] for s in schemas)}


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """With references to schemas by their new names."""
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _renamed(value, names) for key, value in node.items()}
    target = made.get("$ref")
    if isinstance(target, str) and target.removeprefix(SCHEMA) in names:
        made["$ref"] = SCHEMA + names[target.removeprefix(SCHEMA)]
    return made
