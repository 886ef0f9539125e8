"""Two records of the roster that may be one person."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid

MOST_PROPOSED = 1_000  # of a district, that wait for somebody to decide
MOST_STAYING = 100  # grants, and covers, that a separation lists


class MatchState(enum.StrEnum):
    PROPOSED = "proposed"
    MERGED = "merged"
    DISMISSED = "dismissed"
    SEPARATED = "separated"


class MatchReason(enum.StrEnum):
    """Why they may be one person: somebody says so, or a roster file gives both the same."""

    STATED = "stated"
    MASTER_IDENTIFIER = "master_identifier"
    STAFF_NUMBER = "staff_number"
    EMAIL = "email"


class MatchEvent(enum.StrEnum):
    """Of persons: `PersonMerged`."""

    MATCH_PROPOSED = "match_proposed"
    MERGED = "merged"
    MATCH_DISMISSED = "match_dismissed"
    SEPARATION_BEGUN = "separation_begun"
    SEPARATED = "separated"


@dataclass(frozen=True, slots=True)
class Staying:
    """What was given to the record that is kept while two were one: ids of grants and of covers,
    ascending, at most 100 of each, and how many there are besides."""

    grants: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    more: int = 0


@dataclass(kw_only=True)
class Match(Aggregate):
    """The only one of its two people, whichever is given up. `source` is the record that is given
    up, `target` the one that is kept: sourcedIds. `proposed_by` and `decided_by` are empty where an
    import did. `kept_given_up`: how often the record that is kept had been given up itself when the
    two were merged last, None where they never were; `turned`: they were merged the other way
    before. `merged_at`: the last time. `separating_by` and `separating_at`: who wants them parted,
    and when that was said, until it is done. `staying`: once they are."""

    source: str
    target: str
    reason: MatchReason
    proposed_by: str
    proposed_at: datetime
    state: MatchState = MatchState.PROPOSED
    decided_by: str = ""
    decided_at: datetime | None = None
    kept_given_up: int | None = None
    turned: bool = False
    merged_at: datetime | None = None
    separating_by: str = ""
    separating_at: datetime | None = None
    staying: Staying = Staying()

    def proposed(self) -> Match:
        """The first event of a new one."""
        if self.source == self.target:
            raise invalid("same_record", "They are one record already.", "/into_person_id")
        self.record(MatchEvent.MATCH_PROPOSED)
        return self

    def propose_again(self, new: Match) -> None:
        """By somebody, after it was dismissed or separated, or the other way round."""
        if self.state is MatchState.MERGED:
            raise conflict("merged_already", "They are one person already.")
        if self.state is MatchState.PROPOSED and self.source == new.source:
            return
        self.turned = self.turned or (self.kept_given_up is not None and self.source != new.source)
        self.source, self.target, self.reason = new.source, new.target, new.reason
        self.proposed_by, self.proposed_at = new.proposed_by, new.proposed_at
        self.state, self.decided_by, self.decided_at = MatchState.PROPOSED, "", None
        self.record(MatchEvent.MATCH_PROPOSED)

    def check_confirm(self, by: str, at: datetime) -> None:
        if self.state is not MatchState.PROPOSED:
            raise conflict("not_proposed", "Only what is proposed can be decided.")

    def confirm(self, by: str, at: datetime, kept_given_up: int = 0) -> None:
        """Say that they are one person. Every service carries it out. `kept_given_up`: as there."""
        self.check_confirm(by, at)
        self.kept_given_up, self.merged_at, self.staying = kept_given_up, at, Staying()
        self._decide(MatchState.MERGED, MatchEvent.MERGED, by, at)

    def check_dismiss(self, by: str, at: datetime) -> None:
        self.check_confirm(by, at)

    def dismiss(self, by: str, at: datetime) -> None:
        """Say that they are two people: no import proposes them again."""
        self.check_dismiss(by, at)
        self._decide(MatchState.DISMISSED, MatchEvent.MATCH_DISMISSED, by, at)

    def check_separate(self, by: str, at: datetime) -> None:
        if self.state is not MatchState.MERGED:
            raise conflict("not_merged", "Only who was merged can be separated.")

    def begin_separation(self, by: str, at: datetime, kept_given_up: int = 0) -> None:
        """That it is to be taken back is stored, so that it is done whatever becomes of whoever
        asks. Raises as `separate`."""
        self.check_separate(by, at)
        self.check_told_apart(kept_given_up)
        self.separating_by, self.separating_at = by, at
        self.record(MatchEvent.SEPARATION_BEGUN)

    def separate(
        self, by: str, at: datetime, kept_given_up: int = 0, staying: Staying = Staying()
    ) -> None:
        """Take back a merge that was a mistake. What was of the record that had been given up is
        made its again, but for relationships, which are proposed anew; what was begun since
        stays.

        Raises CONFLICT where what is whose is no longer told apart: `kept_given_up` is how often
        the record that was kept has been given up by now."""
        self.check_separate(by, at)
        self.check_told_apart(kept_given_up)
        self.staying = staying
        self._decide(MatchState.SEPARATED, MatchEvent.SEPARATED, by, at)

    def check_told_apart(self, kept_given_up: int) -> None:
        """As `separate` raises."""
        if self.turned:
            detail = "They were merged the other way before: what is whose is not told apart."
            raise conflict("merged_both_ways", detail)
        if kept_given_up != self.kept_given_up:
            detail = "The record that was kept was given up since: what is whose is not told apart."
            raise conflict("kept_given_up", detail)

    def _decide(self, state: MatchState, event: MatchEvent, by: str, at: datetime) -> None:
        self.state, self.decided_by, self.decided_at = state, by, at
        self.separating_by, self.separating_at = "", None
        self.record(event)
