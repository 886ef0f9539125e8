"""A framework of standards as a file: JSON of CASE 1.1, a `CFPackage` with its `CFDocument`,
`CFItems` and `CFAssociations` (1EdTech, Competencies and Academic Standards Exchange 1.1). What
else stands in it is left alone; none ships."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.goals.framework.bodies import BeginFramework, StateStandard
from services.goals.framework.domain import MOST_AT_ONCE, MOST_BYTES, MOST_STANDARDS

LARGEST = 64_000_000  # bytes of a file


class BadCase(Exception):
    """The first mistake of a file, with its place."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    says: BeginFramework
    standards: Sequence[StateStandard]

    @property
    def parts(self) -> Iterator[Sequence[StateStandard]]:
        """As they are sent: each fits a request."""
        part: list[StateStandard] = []
        size = 0
        for each in self.standards:
            more = len(each.model_dump_json())
            if part and (len(part) == MOST_AT_ONCE or size + more > 200_000):
                yield part
                part, size = [], 0
            part.append(each)
            size += more
        if part:
            yield part


def read_case(path: Path) -> CaseFile:
    """What a file says. Raises BadCase."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadCase(f"{path}: it is larger than {LARGEST} bytes")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise BadCase(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise BadCase(f"{path}: it is no JSON") from None
    try:
        return _read(found)
    except BadCase as mistake:
        raise BadCase(f"{path}: {mistake}") from None


def _read(package: Any) -> CaseFile:
    document = _object(package, "CFDocument", "")
    says = _made(
        BeginFramework,
        "CFDocument",
        case_id=_lower(document.get("identifier")),
        title=document.get("title"),
        edition=document.get("version") or "",
        source=document.get("creator") or "",
    )
    items = _list(package, "CFItems")
    if not 1 <= len(items) <= MOST_STANDARDS:
        raise BadCase(f"CFItems: there are {len(items)}, and 1 to {MOST_STANDARDS} fit")
    parents = _parents(package, says.case_id)
    standards: dict[str, StateStandard] = {}
    for index, item in enumerate(items):
        place = f"CFItems[{index}]"
        if not isinstance(item, dict):
            raise BadCase(f"{place}: it is no object")
        identifier = _lower(item.get("identifier"))
        standard = _made(
            StateStandard,
            place,
            standard_id=identifier,
            code=item.get("humanCodingScheme") or "",
            text=item.get("fullStatement"),
            parent_id=parents.get(identifier),
        )
        if standard.standard_id in standards:
            raise BadCase(f"{place}.identifier: it is there twice")
        standards[standard.standard_id] = standard
    for each in standards.values():
        if each.parent_id is not None and each.parent_id not in standards:
            raise BadCase(f"CFAssociations: the parent of {each.standard_id} is no item")
    if sum(len(each.text.encode()) for each in standards.values()) > MOST_BYTES:
        raise BadCase(f"CFItems: their statements are more than {MOST_BYTES} bytes")
    return CaseFile(says, tuple(standards.values()))


def _parents(package: Any, case_id: str) -> Mapping[str, str]:
    """By item, without those that hang from the document itself; the first of several."""
    found: dict[str, str] = {}
    for index, each in enumerate(_list(package, "CFAssociations", needed=False)):
        place = f"CFAssociations[{index}]"
        if not isinstance(each, dict):
            raise BadCase(f"{place}: it is no object")
        if each.get("associationType") != "isChildOf":
            continue
        child = _lower(_object(each, "originNodeURI", place).get("identifier"))
        parent = _lower(_object(each, "destinationNodeURI", place).get("identifier"))
        if parent != case_id:
            found.setdefault(child, parent)
    return found


_NAMES = {
    "case_id": "identifier",
    "edition": "version",
    "source": "creator",
    "standard_id": "identifier",
    "code": "humanCodingScheme",
    "text": "fullStatement",
}


def _made(model: Any, place: str, **fields: Any) -> Any:
    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        raise BadCase(f"{place}.{_NAMES.get(name, name)}: {first['msg']}") from None


def _object(holder: Any, name: str, place: str) -> Mapping[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise BadCase(f"{place}{'.' if place else ''}{name}: it is missing, or no object")
    return found


def _list(holder: Any, name: str, needed: bool = True) -> Sequence[Any]:
    found = holder.get(name, None if needed else [])
    if not isinstance(found, list):
        raise BadCase(f"{name}: it is missing, or no list")
    return found


def _lower(said: object) -> str:
    """GUIDs are compared without regard to case (RFC 9562)."""
    return said.lower() if isinstance(said, str) else ""
