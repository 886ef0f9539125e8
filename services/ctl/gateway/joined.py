"""One OpenAPI document of all services, out of theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
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
    """`documents`: by service. A schema that is another one in two of them, and an operation that
    several have, is called by its service's name, too. Raises ValueError where two services have
    the same path."""
    twice, again = _differing(documents), _shared(documents)
    first = next(iter(documents.values()))
    whole: Document = {
        "openapi": first["openapi"],
        "info": {**first["info"], "title": "Tandem", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": each, "description": SERVICES[each].about} for each in documents],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for service, document in documents.items():
        names = {name: f"{service.capitalize()}{name}" for name in twice}
        ours = _renamed(document, names)  # a copy
        for each in _operations(ours):
            if each["operationId"] in again:
                each["operationId"] = f"{service}_{each['operationId']}"
        if taken := ours["paths"].keys() & whole["paths"].keys():
            raise ValueError(f"{service}: {', '.join(sorted(taken))} is another service's, too")
        whole["paths"] |= ours["paths"]
        whole["components"]["securitySchemes"] |= ours["components"]["securitySchemes"]
        for name, schema in ours["components"]["schemas"].items():
            whole["components"]["schemas"][names.get(name, name)] = schema
    return whole


def _operations(document: Document) -> Iterator[Document]:
    for methods in document["paths"].values():
        yield from methods.values()


def _shared(documents: Mapping[str, Document]) -> set[str]:
    """Operations that several have."""
    found = Counter(op["operationId"] for each in documents.values() for op in _operations(each))
    return {name for name, count in found.items() if count > 1}


def _differing(documents: Mapping[str, Document]) -> set[str]:
    """Schemas that say another thing in two services, or refer there to one that does."""
    found = defaultdict[str, list[Any]](list)
    for document in documents.values():
        for name, schema in document["components"]["schemas"].items():
            found[name].append(schema)
    shared = {name: schemas for name, schemas in found.items() if len(schemas) > 1}
    differ = {name for name, schemas in shared.items() if any(s != schemas[0] for s in schemas)}
    while more := {
        name
        for name, schemas in shared.items()
        if name not in differ and not differ.isdisjoint(_referred(schemas))
    }:
        differ |= more
    return differ


def _referred(node: Any) -> Iterator[str]:
    """The names of schemas that it refers to."""
    if isinstance(node, list):
        for each in node:
            yield from _referred(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(SCHEMA)
            else:
                yield from _referred(value)


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
