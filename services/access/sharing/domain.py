"""What a teacher lets named colleagues read of hers, for a purpose and until an end.

A share belongs to the service that owns what is shared (the artifact), so that one which is revoked
or over lets nobody in from that instant on, whatever else is down. The owner alone makes and
revokes it. Of one that is for `once`, everybody's first reading is noted, and the only one. One
with those who are at a community meeting names nobody: who that is, is found when it is read; where
the meeting is called off it is over, too.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid, not_found

MOST_READERS = 20  # of a share
MOST_OPEN = 50  # of an artifact
MOST_EVER = 500  # of an artifact, with those that are over
LONGEST = timedelta(days=366)
LONGEST_AFTER = timedelta(days=30)  # a meeting has ended, that a share with it may last
HEARD_OF_BY_THEN = timedelta(days=1)  # that a meeting was called off: else a share is made of it
LOOKED_AT_EVERY = timedelta(days=7)  # so that no to-do outlasts by more what was erased


class SharePurpose(enum.StrEnum):
    COACHING = "coaching"
    PEER_LEARNING = "peer_learning"


class ShareState(enum.StrEnum):
    OPEN = "open"
    REVOKED = "revoked"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"  # the meeting that it is for, or that is no more


class ShareEvent(enum.StrEnum):
    CREATED = "created"
    READ = "read"
    REVOKED = "revoked"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"


class MeetingShareEvent(enum.StrEnum):
    """Of shares with those who are at a meeting alone."""

    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class ShareReading:
    """That a person has read what was shared for `once`."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """That it is for `now` since two records of one person became one; it was for `before`, or for
    `both` of them."""

    before: str
    now: str
    both: bool


@dataclass(kw_only=True)
class Share(Aggregate):
    """`artifact`: the id of what `teacher`, its owner, shares with `audience`. `readings`: of one
    that is for `once`. `transferred_from`: whose it was before two records of one person became
    one, or were parted again. It says `open` until somebody revokes it or a duty notes that it is
    over: what opens it is `opens_to`. `meeting`: the id of the community meeting whose participants
    it is for, and then `audience` is empty; empty of any other."""

    artifact: str
    teacher: str
    audience: list[str]
    purpose: SharePurpose
    once: bool
    expires_at: datetime
    created_at: datetime
    state: ShareState = ShareState.OPEN
    closed_at: datetime | None = None
    readings: list[ShareReading] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    transferred_from: str = ""
    meeting: str = ""

    def created(self) -> Share:
        """With its first event."""
        self.record(ShareEvent.CREATED)
        return self

    def check_new(self) -> None:
        """Raises INVALID for an end that is not ahead, or too far, and for readers who are there
        twice or are the owner."""
        if self.expires_at <= self.created_at:
            raise invalid("expires_in_the_past", "The end is over already.", "/expires_at")
        if self.expires_at - self.created_at > LONGEST:
            raise invalid("expires_too_late", "A share lasts at most a year.", "/expires_at")
        for index, person in enumerate(self.audience):
            place = f"/audience/{index}/person_id"
            if person == self.teacher:
                raise invalid("reader_is_owner", "What is hers she sees anyway.", place)
            if person in self.audience[:index]:
                raise invalid("reader_repeated", "A person stands here twice.", place)

    def check_with_meeting(self, ends_at: datetime) -> None:
        """Raises INVALID unless it is over some time after the meeting, and not for long."""
        if self.once:
            detail = "Who is at a meeting looks at it as often as the others."
            raise invalid("once_at_meeting", detail, "/once")
        if self.expires_at <= ends_at:
            detail = "It ends no sooner than the meeting."
            raise invalid("expires_before_meeting_ends", detail, "/expires_at")
        if self.expires_at - ends_at > LONGEST_AFTER:
            detail = f"It lasts at most {LONGEST_AFTER.days} days longer than the meeting."
            raise invalid("expires_too_late", detail, "/expires_at")

    def opens_to(self, person: str, at: datetime, met: Collection[str] = ()) -> bool:
        """Whether it lets a person read the artifact at an instant. `met`: at which meetings she is
        with its owner."""
        hers = person in self.audience or (self.meeting in met and person != self.teacher)
        return self.lasts(at) and hers and not self.read_by(person)

    def lasts(self, at: datetime) -> bool:
        return self.state is ShareState.OPEN and at < self.expires_at

    def read_by(self, person: str) -> bool:
        return any(each.person == person for each in self.readings)

    def read(self, by: str, at: datetime, met: Collection[str] = ()) -> None:
        """The one reading of a person. Raises NOT_FOUND where it does not open to her (any
        more)."""
        if not self.opens_to(by, at, met):
            raise not_found()
        if self.once:
            self.readings.append(ShareReading(by, at))
            self.record(ShareEvent.READ)

    def check_revoke(self, by: str, at: datetime) -> None:
        if by != self.teacher:
            raise Fault(Kind.FORBIDDEN, "owner_only", "Only the owner revokes a share.")
        if self.state is not ShareState.OPEN:
            raise conflict("share_over", "The share is revoked, or over, already.")

    def revoke(self, by: str, at: datetime) -> None:
        """End it before its time: from now on it lets nobody read; the owner only."""
        self.check_revoke(by, at)
        self._close(ShareState.REVOKED, at)

    def expire(self, at: datetime) -> None:
        """Note that it is over, where it is. What is noted already stays as it is."""
        if self.state is ShareState.OPEN and at >= self.expires_at:
            self._close(ShareState.EXPIRED, at)

    def call_off(self, meeting: str, at: datetime) -> None:
        """The meeting was called off, or is no more: where it is for that one, it is over. What is
        over already stays as it is, and so is told once."""
        if self.state is ShareState.OPEN and self.meeting == meeting:
            self.state, self.closed_at = ShareState.CALLED_OFF, at
            self.record(MeetingShareEvent.CALLED_OFF)

    def lose(self, at: datetime) -> None:
        """What it shares is somebody else's again. What is over stays as it is."""
        if self.state is ShareState.OPEN:
            self._close(ShareState.REVOKED, at)

    def transfer(self, to: str) -> None:
        """It is the same owner's, under her other id, who is no reader of her own."""
        self.transferred_from, self.teacher = self.teacher, to
        self._read_by_others()
        self.record(ShareEvent.TRANSFERRED)

    def came_from(self, reader: str) -> Sequence[str]:
        """The ids by which somebody was in the audience before."""
        return [each.before for each in self.moved if each.now == reader]

    def move_reader(self, reader: str, to: str) -> None:
        """The same person reads it, under her other id. Where it was for both, and they are parted
        again, it is for both again, and what either has read counts as read by both."""
        back = next((each for each in self.moved if (each.before, each.now) == (to, reader)), None)
        ids = (reader, to) if back is not None and back.both else (to,)
        both = to in self.audience
        self.audience = list(dict.fromkeys(_under(self.audience, reader, ids)))
        read: dict[str, ShareReading] = {}
        for each in self.readings:
            for person in _under([each.person], reader, ids):
                read.setdefault(person, replace(each, person=person))
        self.readings = list(read.values())
        kept = [each for each in self.moved if each is not back]
        self.moved = kept if back is not None else [*kept, Moved(reader, to, both)]
        self._read_by_others()
        self.record(ShareEvent.TRANSFERRED)

    def _read_by_others(self) -> None:
        self.audience = [each for each in self.audience if each != self.teacher]

    def _close(self, state: ShareState, at: datetime) -> None:
        self.state, self.closed_at = state, at
        self.record(ShareEvent(state.value))


def _under(people: Sequence[str], one: str, ids: Sequence[str]) -> Sequence[str]:
    """The same people, `one` of them by other ids."""
    return [alias for each in people for alias in (ids if each == one else (each,))]
