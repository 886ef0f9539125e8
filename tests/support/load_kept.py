"""What a load asks for, and what must be there of what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CANARY = "canary-of-the-load"  # in every free text: belongs into no event, card or log line
CORRECTED = 3  # progress values of a goal that are put right by turns


class Gone(Exception):
    """No answer: whether it was done is unknown."""


@dataclass
class Request:
    """One that may be repeated: its key makes it one write. `goal`: it is progress on that
    goal, over gRPC. `seen`: the version in whose place it is put, of what has no keys. `done`: the
    status that tells that an earlier attempt has done it. `zip`: a roster in place of the body."""

    service: str
    caller: str
    path: str
    body: dict[str, Any] | None
    key: str
    status: int = 200
    goal: str = ""
    verb: str = "POST"
    seen: int | None = None
    done: int = 0
    zip: bytes | None = None


@dataclass
class Kept:
    """An aggregate under load: `own` is its version before the first value; `holds` says
    whether its resource shows what was acknowledged."""

    path: str
    teacher: str
    own: int
    holds: Callable[[Any, list[float]], bool]
    acknowledged: list[float] = field(default_factory=list)
    last: Request | None = None
    answer: Any = None
    gone: bool = False  # it was thrown away, and that was acknowledged


def all_progress(resource: Any, acknowledged: list[float]) -> bool:
    return [each["value"] for each in resource["progress"]] == acknowledged


def last_note(resource: Any, acknowledged: list[float]) -> bool:
    """An observation keeps the newest note of a criterion only."""
    texts = [each["text"] for each in resource["notes"]]
    return texts == [f"{CANARY} {value:g}" for value in acknowledged[-1:]]


def all_corrections(resource: Any, acknowledged: list[float]) -> bool:
    """Each value says what it was before each correction of it, in order."""
    return all(
        [*(was["value"] for was in each["earlier"]), each["value"]]
        == [0.0, *acknowledged[number::CORRECTED]]
        for number, each in enumerate(resource["progress"])
    )


def last_text(resource: Any, acknowledged: list[float]) -> bool:
    said = [f"{CANARY} {value:g}" for value in (0, *acknowledged)][-1]
    return [each["text"] for each in resource["texts"]] == [said]


def published(resource: Any, acknowledged: list[float]) -> bool:
    return (resource["state"] == "published") is bool(acknowledged)
