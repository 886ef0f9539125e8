"""What a teacher takes along: her goals and how far she came, in parts, and what is signed of them.

Nothing of others is in it: no id but her own, no note that somebody else wrote, no draft that is
not hers. A part is JSON, keys in order, no white space; what is signed names each by its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.goals.goal.domain import Goal, Rating

FORMAT = "tandem-take-out-1"
MOST_PARTS = 5_000
VALUES, REVISIONS = 100, 20  # of one part
_LEFT_OUT = ("withdrawn",)


@dataclass(frozen=True, slots=True)
class TakenPart:
    """Of one goal: what it says, some of its values, or some of what it said before."""

    id: str
    content: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TakeOut:
    """All parts by id and hash; `key` and `signature` are of the Tandem that made it."""

    district: str
    person: str
    given_name: str
    family_name: str
    made_at: datetime
    parts: Sequence[tuple[str, str]]
    key: str = ""
    signature: str = ""

    def signed(self) -> bytes:
        """What is signed."""
        said = {
            "format": FORMAT,
            "district_id": self.district,
            "person_id": self.person,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "made_at": _text(self.made_at),
            "parts": [{"part_id": each, "sha256": sha256} for each, sha256 in self.parts],
        }
        return _json(said).encode()


def goes_along(goal: Goal) -> bool:
    """Whether it is hers to take: not what was taken back, nor what somebody else has proposed."""
    proposed = goal.state == "draft" and goal.drafted_by not in ("", goal.teacher)
    return goal.state not in _LEFT_OUT and not proposed


def parts_of(
    goal: Goal, hers: Collection[str], progress: Sequence[Any], revisions: Sequence[Any]
) -> Iterator[TakenPart]:
    """`hers`: her id, and those that were given up for it. `progress` and `revisions`: all, with
    their numbers, the oldest first."""
    yield TakenPart(goal.id, _json(_said(goal)))
    for number, some in _chunks(progress, VALUES):
        values = [_value(hers, each.number, each.part) for each in some]
        yield TakenPart(f"{goal.id}/progress/{number}", _json({"progress": values}))
    for number, some in _chunks(revisions, REVISIONS):
        said = [_before(each.number, each.part) for each in some]
        yield TakenPart(f"{goal.id}/revisions/{number}", _json({"revisions": said}))


def _said(goal: Goal) -> Mapping[str, Any]:
    return {
        "goal_id": goal.id,
        "school_year": goal.school_year,
        "state": goal.state.value,
        "revision": goal.revision,
        "statement": goal.statement,
        "focus_skill": goal.focus_skill,
        "measure_id": goal.measure,
        "unit": goal.unit,
        "direction": goal.direction.value,
        "target": goal.target,
        "baseline": goal.baseline,
        "due_date": goal.due or None,
        "aims_at": goal.aims_at or None,
        "outcome_stage": goal.outcome_stage or None,
        "priority_tags": list(goal.priority_tags),
        "ratings": [_rating(each) for each in goal.ratings],
        "drafted_at": _text(goal.drafted_at),
        "activated_at": _text(goal.activated_at),
        "closed_at": _text(goal.closed_at),
        "maintained_at": _text(goal.maintained_at),
    }


def _rating(rating: Rating) -> Mapping[str, Any]:
    return {
        "importance": rating.importance,
        "confidence": rating.confidence,
        "rated_at": _text(rating.at),
    }


def _value(hers: Collection[str], number: int, progress: Any) -> Mapping[str, Any]:
    own = progress.by in hers
    return {
        "progress_number": number,
        "value": progress.value,
        "recorded_at": _text(progress.at),
        "by_herself": own,
        "note": progress.note if own else "",
        "voided": progress.voided_at is not None,
    }


def _before(number: int, revision: Any) -> Mapping[str, Any]:
    return {
        "revision": number,
        "statement": revision.statement,
        "target": revision.target,
        "due_date": revision.due or None,
        "baseline": revision.baseline,
        "reason": revision.reason,
        "revised_at": _text(revision.at),
    }


def _chunks(items: Sequence[Any], size: int) -> Iterator[tuple[int, Sequence[Any]]]:
    for number, first in enumerate(range(0, len(items), size), 1):
        yield number, items[first : first + size]


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _text(at: datetime | None) -> str | None:
    """As REST answers it."""
    return at.isoformat().replace("+00:00", "Z") if at is not None else None
