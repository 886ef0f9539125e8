"""What somebody takes away from a community meeting that she was in: her own words, for the others
who were in it, too. A trial says by its id that it comes from one."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict
from services.programs.meeting.domain import CommunityMeeting

MOST_TAKEAWAYS = 5  # of one person in one meeting, that are not taken back
MOST_EVER = 25  # with those that are


class TakeawayState(enum.StrEnum):
    WRITTEN = "written"
    TAKEN_BACK = "taken_back"


class TakeawayEvent(enum.StrEnum):
    WRITTEN = "written"
    TAKEN_BACK = "taken_back"
    TRANSFERRED = "transferred"
    FOLLOWED = "followed"


@dataclass(kw_only=True)
class Takeaway(Aggregate):
    """`author` has written it in `meeting`. `transferred_from`: whose it was before two records of
    one person became one, or were parted again."""

    meeting: str
    author: str
    school_year: int
    text: str
    written_at: datetime
    state: TakeawayState = TakeawayState.WRITTEN
    taken_back_at: datetime | None = None
    transferred_from: str = ""

    def written(self) -> Takeaway:
        """With its first event."""
        self.record(TakeawayEvent.WRITTEN)
        return self

    def check_take_back(self, by: str, at: datetime) -> None:
        """Whether she may; raises what the refusal is."""
        if by != self.author:
            raise Fault(Kind.FORBIDDEN, "author_only", "Only its author takes it back.")
        if self.state is TakeawayState.TAKEN_BACK:
            raise conflict("taken_back", "It was taken back already.")

    def take_back(self, by: str, at: datetime) -> None:
        """Let its words go, at any time; its author only. A trial that came of it stays."""
        self.check_take_back(by, at)
        self.state, self.text, self.taken_back_at = TakeawayState.TAKEN_BACK, "", at
        self.record(TakeawayEvent.TAKEN_BACK)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        self.transferred_from, self.author = self.author, to
        self.record(TakeawayEvent.TRANSFERRED)

    def follow(self, meeting: CommunityMeeting) -> None:
        """It is of the meeting that has taken the place of its own, if its author was of that:
        nobody who is erased comes to the others again."""
        hers = {self.author, self.transferred_from} - {""}
        if meeting.id != self.meeting and not hers.isdisjoint(meeting.ever):
            self.meeting = meeting.id
            self.record(TakeawayEvent.FOLLOWED)
