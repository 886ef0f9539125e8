"""A take-out as a file: whether it is what its Tandem has signed, as docs/take-out.md says it, and
what of it is taken in."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.chassis.ed25519 import is_signed
from services.ctl.exits import Exit, Stop

FORMAT = "tandem-take-out-1"
MOST_BYTES = 64_000_000
SIGNED = (
    "format", "district_id", "person_id", "given_name", "family_name", "made_at", "parts",
)  # fmt: skip
OPEN = ("draft", "active")
TAKEN_ALONG = (
    "statement", "focus_skill", "measure_id", "unit", "direction", "target", "baseline",
)  # fmt: skip
_NAMESPACE = uuid.UUID("5b1c6f0e-6a35-4c19-9c56-0f2f6b1f6a52")
Json = Mapping[str, Any]


def wrong_in(document: Any) -> str:
    """The first place at which it is not what was signed; empty where there is none."""
    try:
        signed, contents = document["take_out"], document["contents"]
        parts = {each["part_id"]: each["sha256"] for each in signed["parts"]}
        if signed["format"] != FORMAT:
            return "take_out.format: it is another than this program knows"
        said = json.dumps(
            {name: signed[name] for name in SIGNED},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        if len(parts) != len(signed["parts"]):
            return "take_out.parts: one is there twice"
        if not is_signed(said.encode(), signed["key"], signed["signature"]):
            return "take_out: it is not what was signed"
        for name in contents:
            if name not in parts:
                return f"contents.{name}: it was not signed"
        for name, sha256 in parts.items():
            if name not in contents:
                return f"contents.{name}: it is missing"
            if hashlib.sha256(contents[name].encode()).hexdigest() != sha256:
                return f"contents.{name}: it was changed"
    except (KeyError, TypeError, AttributeError, ValueError):
        return "it is no take-out"
    return ""


def document_of(place: Path) -> Json:
    """What a file says, as it was signed. Raises Stop."""
    try:
        if place.stat().st_size > MOST_BYTES:
            raise Stop(Exit.USAGE, f"{place}: it is larger than {MOST_BYTES} bytes")
        found: Json = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop(Exit.USAGE, f"{place}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise Stop(Exit.REFUSED, f"{place}: it is no JSON") from None
    if wrong := wrong_in(found):
        raise Stop(Exit.REFUSED, f"{place}: {wrong}")
    return found


@dataclass(frozen=True, slots=True)
class TakenGoal:
    """One goal of a take-out, as it is drafted: `body`, under a `key` that is always the same for
    it; or `why_not`."""

    id: str
    statement: str
    key: str
    body: Json
    why_not: str = ""


def goals_in(document: Json, teacher: str, today: str) -> Iterator[TakenGoal]:
    """Those that are open there become drafts; a last day that is over by `today` is left out."""
    district = document["take_out"]["district_id"]
    for name, content in document["contents"].items():
        said = json.loads(content)
        if said.get("goal_id") != name:
            continue
        body = {each: said[each] for each in TAKEN_ALONG} | {"teacher_id": teacher}
        if said["due_date"] and said["due_date"] > today:
            body["due_date"] = said["due_date"]
        why_not = "" if said["state"] in OPEN else f"{said['state']}: it stays in the file"
        key = str(uuid.uuid5(_NAMESPACE, f"{district}:{name}"))
        yield TakenGoal(name, said["statement"], key, body, why_not)


def check_hers(document: Json, me: Json) -> None:
    """Raises Stop REFUSED where the two have not the same name: ids are each district's own."""
    for each in ("given_name", "family_name"):
        if document["take_out"][each].strip().casefold() != str(me[each]).strip().casefold():
            raise Stop(Exit.REFUSED, f"take_out.{each}: it is somebody else's take-out")
