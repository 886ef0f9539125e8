"""What a trial says, its rules, and what a list shows of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.kernel import Aggregate, Fault, Kind, conflict

MOST_TRIALS = 200  # of a teacher in a school year, without those that were taken back
MOST_BY_OTHERS = 100  # of them
MOST_PLANNED = 500  # by one person, of a teacher in a school year, with them
MOST_RESULTS = 20  # links to results, with those that were voided
MOST_REFLECTIONS = 20  # that are kept of what she wrote before
LONGEST_CHECK_BACK = 60  # instructional days
STEPS_BACK = timedelta(days=1)  # how long a step can be taken back


class TrialState(enum.StrEnum):
    PROPOSED = "proposed"  # by her coach; she has not agreed yet
    OPEN = "open"
    REHEARSED = "rehearsed"
    TRIED = "tried"
    REFLECTED = "reflected"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # should not have been


BEFORE_TRIED = (TrialState.OPEN, TrialState.REHEARSED)
TAKEN_BACK = (TrialState.DECLINED, TrialState.WITHDRAWN)
SINCE_TRIED = (TrialState.TRIED, TrialState.REFLECTED, TrialState.CLOSED)


def told_to_others(state: TrialState) -> TrialState:
    """What everybody but the two is told: of no proposal that the teacher said no to it."""
    return TrialState.WITHDRAWN if state is TrialState.DECLINED else state


class TrialOutcome(enum.StrEnum):
    KEEP = "keep"
    ADAPT = "adapt"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class EarlierReflection:
    """What she wrote before she wrote it anew."""

    text: str
    at: datetime


@dataclass(kw_only=True)
class TrialOutline(Aggregate):
    """A trial without its reflection and comments. It comes from a `goal`, an `observation`, a
    `takeaway` of a community meeting that she was in, or several of these. `strategy`: of the bank,
    with the revision of it that was chosen and its title then; empty where `words` say what is
    tried. `check_back_in`: instructional days after she agreed, which `check_back` (YYYY-MM-DD,
    empty before) names. `rehearsed_at`, `tried_at`, `reflected_at`, `closed_at`: when she did, as
    far as she has not taken it back. `outcome` is empty until it is closed. `transferred_from`:
    whose it was before two records of one person became one, or were parted again."""

    teacher: str
    school_year: int
    planned_by: str
    planned_at: datetime
    check_back_in: int
    goal: str = ""
    observation: str = ""
    strategy: str = ""
    strategy_revision: int = 0
    strategy_title: str = ""
    words: str = ""
    class_id: str = ""
    state: TrialState = TrialState.PROPOSED
    agreed_at: datetime | None = None
    check_back: str = ""
    rehearsed_at: datetime | None = None
    tried_at: datetime | None = None
    reflected_at: datetime | None = None
    reflection_shown: bool = False
    closed_at: datetime | None = None
    outcome: str = ""
    transferred_from: str = ""
    takeaway: str = ""

    def state_for(self, reader: str, planner: str) -> TrialState:
        """She and who planned it are told that it was declined, and nobody else. `planner`: by
        the record that is kept of who `planned_by` names."""
        of_both = reader in (self.teacher, self.planned_by, planner)
        return self.state if of_both else told_to_others(self.state)

    def check_answer(self, by: str, at: datetime) -> None:
        """Whether a proposal may be agreed to or declined; raises what the refusal is, as all rules
        do."""
        self.check_owner(by)
        if self.state is not TrialState.PROPOSED:
            raise conflict("not_proposed", "Only a proposal is agreed to or declined.")

    def check_edit(self, by: str, at: datetime) -> None:
        """What is only proposed its author changes, too; later the owner does."""
        proposed = self.state is TrialState.PROPOSED
        if by != self.teacher and not (proposed and by == self.planned_by):
            self.check_owner(by)
        if not proposed and self.state not in BEFORE_TRIED:
            raise conflict("already_tried", "It was tried already, or is over.")

    def check_withdraw(self, by: str, at: datetime) -> None:
        self.check_edit(by, at)

    def check_rehearse(self, by: str, at: datetime) -> None:
        self.check_owner(by)
        if self.state is not TrialState.OPEN:
            raise conflict("not_open", "Only what is open is rehearsed, once.")

    def check_try_out(self, by: str, at: datetime) -> None:
        self.check_owner(by)
        if self.state not in BEFORE_TRIED:
            raise conflict("not_open", "Only what she has agreed to is tried, once.")

    def check_reflect(self, by: str, at: datetime) -> None:
        """Once it is closed, only to show what she wrote or to hide it again."""
        self.check_owner(by)
        if self.state not in SINCE_TRIED:
            raise not_tried()

    def check_close(self, by: str, at: datetime) -> None:
        self.check_owner(by)
        if self.state is not TrialState.REFLECTED:
            raise conflict("not_reflected", "Reflect on it before it is closed.")

    def check_step_back(self, by: str, at: datetime) -> None:
        self.check_owner(by)
        since = self.last_step_at
        if since is None:
            raise conflict("no_step", "There is no step to take back.")
        if at - since > STEPS_BACK:
            raise conflict("step_for_good", "A step can be taken back for a day.")

    def check_link_result(self, by: str, at: datetime) -> None:
        """Once it was tried, also after she has decided: what speaks of it may come late."""
        self.check_owner(by)
        if self.state not in SINCE_TRIED:
            raise conflict("not_tried", "Results are those of what was tried.")

    def check_comment(self, by: str, at: datetime) -> None:
        if self.state in TAKEN_BACK:
            raise conflict("trial_taken_back", "It was declined or withdrawn.")

    @property
    def is_kept(self) -> bool:
        """Whether she has decided to keep what she tried."""
        return self.state is TrialState.CLOSED and self.outcome == TrialOutcome.KEEP

    @property
    def last_step_at(self) -> datetime | None:
        """When its newest step was that can be taken back; None where there is none."""
        return {
            TrialState.REHEARSED: self.rehearsed_at,
            TrialState.TRIED: self.tried_at,
            TrialState.CLOSED: self.closed_at,
        }.get(self.state)

    def reflection_visible_to(self, person: str) -> bool:
        """Her reflection is hers, until she shows it to who coaches her."""
        return person == self.teacher or self.reflection_shown

    def check_owner(self, by: str) -> None:
        if by != self.teacher:
            detail = "Only the teacher agrees, rehearses, tries, reflects and closes."
            raise Fault(Kind.FORBIDDEN, "owner_only", detail)


def not_tried() -> Fault:
    return conflict("not_tried", "It is reflected on once it was tried, until it is closed.")


@dataclass(kw_only=True)
class TrialSummary(TrialOutline):
    """What a list shows of a trial."""
