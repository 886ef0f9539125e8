"""An entry of a planning record: what a coach and a teacher, a pair or a group plan, observe,
reflect on and do next. It is written once; what puts it right is another that names it. Who was of
the record when it was written reads it for good, and nobody else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.kernel import Fault, invalid, restated
from services.programs.record.chain import content_hash, following
from services.programs.record.outline import (
    NO_LINKS,
    Chained,
    EntryEvent,
    EntryHappened,
    EntryKind,
    Links,
    PlanningEntryOutline,
    ReaderBefore,
    RecordOf,
)

MOST_IN_RECORD = 400  # entries of one person in one record
MOST_IN_YEAR = 2_000  # of one person in the records of a school year
MOST_MOVES = 20  # between records of one person that are remembered
_LATER = timedelta(milliseconds=1)  # than the one before: the order of a list is the chain's
_NOT_YET = Chained(0, "", "", "")


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody writes."""

    kind: EntryKind
    text: str
    links: Links = NO_LINKS
    corrects: str = ""
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """Whose record it is, and who is of it now. `teacher` is empty of a circle."""

    of: RecordOf
    id: str
    school_year: int
    readers: tuple[str, ...]
    teacher: str = ""
    coach: str = ""


@dataclass(frozen=True, slots=True)
class PlanningRecord:
    """A record as far as all may know who are of it or facilitate it: `entries` written so far, and
    when the last one was; `end`: its number and hash, `NUMBER:HASH`."""

    id: str
    of: RecordOf
    school_year: int
    entries: int = 0
    last_written_at: datetime | None = None
    end: str = ""

    @property
    def version(self) -> int:
        return self.entries


@dataclass(kw_only=True)
class PlanningEntry(PlanningEntryOutline):
    """`moved`: by which records of one person it has come to another, oldest first. `restated`: of
    what takes another's place, as of which of its own versions nothing was done with it; 0 of any
    other."""

    moved: tuple[ReaderBefore, ...] = ()
    restated: int = 0

    @classmethod
    def write(
        cls,
        *,
        id: str,
        district: str,
        record: Shared,
        last: PlanningEntry | None,
        by: str,
        at: datetime,
        said: Written,
        salt: str,
        made_by: str,
    ) -> PlanningEntry:
        """The entry that follows `last`, whose number makes its id."""
        at = _stored(at)
        entry = cls(
            id=id,
            district=district,
            record_id=record.id,
            of=record.of,
            school_year=record.school_year,
            written_at=at if last is None else max(at, last.written_at + _LATER),
            chained=_NOT_YET,
            readers=record.readers,
            kind=said.kind.value,
            author=by,
            written_as=by,
            teacher=record.teacher or by,
            coach=record.coach,
            text=said.text,
            salt=salt,
            device_at=_stored(said.device_at) if said.device_at is not None else None,
            links=said.links,
            corrects=said.corrects,
            made_by=made_by,
        )
        entry.chained = following(last.chained if last is not None else None, content_hash(entry))
        entry.record(EntryHappened(EntryEvent.WRITTEN))
        return entry

    def check_corrected_by(self, record: str, by: str) -> None:
        """Raises INVALID unless somebody may put it right in a record: she wrote it there."""
        if self.erased or (self.record_id, self.author) != (record, by):
            raise unknown_entry()

    def came_from(self, person: str) -> str:
        """Which record it was of before it was this person's; empty: of none."""
        return next((each.before for each in reversed(self.moved) if each.after == person), "")

    def transfer(self, before: str, after: str) -> None:
        """The one is the other, a record of the same person: nothing that was written changes.
        Nothing is made of what would be of a person with herself. Given back, both are of it where
        both were, and it is again whose it was."""
        sides = (self.teacher, self.coach)
        if before not in self.readers or (self.coach and {before, after} == set(sides)):
            return
        back = next((e for e in self.moved if (e.before, e.after) == (after, before)), None)
        keeps = (before,) if back is not None and back.both else ()
        wrote = self.author == before and (back is None or back.wrote)
        both = after in self.readers
        renamed = (after if each == before else each for each in self.readers)
        self.readers = tuple(dict.fromkeys((*renamed, *keeps)))
        self.coach = after if self.coach == before else self.coach
        on = self.teacher
        if self.of is RecordOf.RELATIONSHIP or wrote:
            self.teacher = after if self.teacher == before else self.teacher
        self.author = after if wrote else self.author
        moved = [each for each in self.moved if each != back]
        if back is None:
            moved.append(ReaderBefore(before, after, both, wrote))
        self.moved = tuple(moved[-MOST_MOVES:])
        self.record(EntryHappened(EntryEvent.TRANSFERRED, (on,) if on != self.teacher else ()))

    def forget_reader(self, person: str) -> None:
        """She reads it no more, since all that is about her is erased."""
        if person in self.readers:
            self.readers = tuple(each for each in self.readers if each != person)
            self.moved = self._of_others(person)
            self.record(EntryHappened(EntryEvent.TRANSFERRED))

    def in_its_place(self, person: str, id: str) -> PlanningEntry:
        """What takes its place under another id where its author is erased, under whatever ids of
        hers: that there was one, and by what the chain goes on."""
        made = self.without_words(id)
        made.readers = tuple(each for each in self.readers if each != person)
        made.moved = self._of_others(person)
        return made

    def without_words(self, id: str) -> PlanningEntry:
        """As `in_its_place`, where it alone is erased: whoever read it still reads the chain."""
        made = PlanningEntry(
            id=id,
            district=self.district,
            record_id=self.record_id,
            of=self.of,
            school_year=self.school_year,
            written_at=self.written_at,
            chained=self.chained,
            readers=self.readers,
            erased=True,
            moved=self.moved,
            restated=1,
        )
        made.record(EntryHappened(EntryEvent.RESTATED))
        return made

    def restate(self, new: PlanningEntry) -> None:
        """It says what `new` does, which was not done with it yet; nothing where something was
        done with it meanwhile."""
        if restated(self, new):
            self.record(EntryHappened(EntryEvent.RESTATED))

    def _of_others(self, person: str) -> tuple[ReaderBefore, ...]:
        hers = {person}
        for each in reversed(self.moved):
            hers |= {each.before} if each.after in hers else set()
        return tuple(e for e in self.moved if hers.isdisjoint((e.before, e.after)))


def unknown_entry() -> Fault:
    detail = "You have written no such entry in this record."
    return invalid("unknown_entry", detail, "/corrects_id")


def _stored(at: datetime) -> datetime:
    """As it is kept, of which the hash is made: to the millisecond."""
    return at.replace(microsecond=at.microsecond // 1_000 * 1_000)
