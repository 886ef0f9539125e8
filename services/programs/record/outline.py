"""The words of planning records, and what an entry of one says."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate


class RecordOf(enum.StrEnum):
    """Whose record it is: a coach's with a teacher, or a circle's, a pair's or a group's."""

    RELATIONSHIP = "relationship"
    CIRCLE = "circle"


class EntryKind(enum.StrEnum):
    PLAN = "plan"
    OBSERVE = "observe"
    REFLECT = "reflect"
    NEXT = "next"


class EntryEvent(enum.StrEnum):
    WRITTEN = "written"
    TRANSFERRED = "transferred"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class EntryHappened:
    """An event, and on whose timeline the entry stood until it."""

    event: EntryEvent
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReaderBefore:
    """`before` is `after` since two records of a person became one; `both` were of the record, and
    `wrote`: the entry was the one's."""

    before: str
    after: str
    both: bool = False
    wrote: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """What an entry is about, each by its id; empty where it is about none."""

    goal: str = ""
    trial: str = ""
    observation: str = ""
    coaching_session: str = ""
    administration: str = ""


NO_LINKS = Links()


@dataclass(frozen=True, slots=True)
class Chained:
    """Where an entry stands in its record: its number from 1 on, the hash of the one `before` it
    (empty of the first), the hash of its `content` and the `hash` over the three, by which the next
    one follows. All in lower-case hex."""

    number: int
    before: str
    content: str
    hash: str


@dataclass(kw_only=True)
class PlanningEntryOutline(Aggregate):
    """An entry, which is never changed. `record_id`: the relationship or circle whose record it is
    in. `readers`: who was of it when it was written, and reads it for good. `teacher`: on whose
    timeline it stands, the teacher's of a relationship, else its author's; `coach`: of a
    relationship. `written_as`: the record of hers by which its author wrote it, which is part of
    what was hashed. `salt`: without it nobody tells a text by its hash. `device_at`: when it was
    written, by the author's device. `corrects`: the id of an entry of hers that it puts right.
    `made_by`: what the command that made it is found by when it comes again.

    Of one whose author was erased (`erased`) nothing is left but its place in the chain."""

    record_id: str
    of: RecordOf
    school_year: int
    written_at: datetime
    chained: Chained
    readers: tuple[str, ...]
    kind: str = ""
    author: str = ""
    written_as: str = ""
    teacher: str = ""
    coach: str = ""
    text: str = ""
    salt: str = ""
    device_at: datetime | None = None
    links: Links = NO_LINKS
    corrects: str = ""
    made_by: str = ""
    erased: bool = False
