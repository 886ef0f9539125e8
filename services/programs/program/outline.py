"""What a coaching program says, and what a list shows of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid

MOST_PROGRAMS = 1_000  # of a district, without those that were withdrawn
MOST_DRAFTED = 5_000  # with them
MOST_LEADS = 10
MOST_CRITERIA = 20
MOST_CONTACTS = 1_000  # planned for one teacher


class ProgramState(enum.StrEnum):
    DRAFT = "draft"
    ENROLLING = "enrolling"
    ACTIVE = "active"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # a draft that should not have been


class SizeBand(enum.StrEnum):
    """Of how many teachers it is. Programs of 100 and more have been found to do a third to half
    of what smaller ones do: a note, since nothing happens at exactly 100."""

    UNDER_100 = "under_100"
    FROM_100 = "from_100"


def band_of(enrolled: int) -> SizeBand:
    return SizeBand.UNDER_100 if enrolled < 100 else SizeBand.FROM_100


class ProgramType(enum.StrEnum):
    ONE_TO_ONE = "one_to_one"
    RECIPROCAL = "reciprocal"
    GROUP = "group"


class ProgramPurpose(enum.StrEnum):
    """Whether a practice or curriculum is carried out as it was meant, or new pedagogy learned:
    measures of faithfulness are of the first alone."""

    FAITHFUL_ROLL_OUT = "faithful_roll_out"
    NEW_PEDAGOGY = "new_pedagogy"


class ProgramFocus(enum.StrEnum):
    CONTENT = "content"
    GENERAL_SKILL = "general_skill"


class ProgramModality(enum.StrEnum):
    IN_PERSON = "in_person"
    REMOTE = "remote"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class SuccessCriterion:
    """By what it will be told whether the program has succeeded, said before anybody is enrolled.
    `measure` is a code of the district's, empty where it is in words alone; `target` in its
    unit."""

    id: str
    statement: str
    measure: str = ""
    target: float | None = None


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """By when and how much a program wants attention to be called to who is in it; None: as it is
    everywhere. Days of `no_observation`, `feedback` and `no_baseline` are instructional ones;
    percents are of the contacts that are planned for four weeks. Of a pair it is imbalanced where
    the one was observed `imbalance_visits` times and the other never, or `imbalance_ratio` times as
    often."""

    no_observation_days: int | None = None
    feedback_days: int | None = None
    stalled_days: int | None = None
    no_baseline_days: int | None = None
    celebrated_days: int | None = None
    step_open_days: int | None = None
    gap_percent: int | None = None
    overload_percent: int | None = None
    imbalance_visits: int | None = None
    imbalance_ratio: int | None = None


@dataclass(frozen=True, slots=True)
class ProgramSays:
    """What a program says of itself. `planned_contacts`: with one teacher, in all.
    `cost_per_coach_hour` in `currency` (ISO 4217). `funding_source` is a code of the district's.
    `cohort`: an academic session of the roster, by its sourcedId, or empty. `leads` ascend."""

    name: str
    type: ProgramType
    purpose: ProgramPurpose
    focus: ProgramFocus
    modality: ProgramModality
    paired_workshop: bool
    curriculum_materials: bool
    success_criteria: tuple[SuccessCriterion, ...]
    leads: tuple[str, ...]
    planned_contacts: int | None = None
    cost_per_coach_hour: float | None = None
    currency: str = ""
    funding_source: str = ""
    cohort: str = ""
    attention: AttentionSettings = AttentionSettings()

    def check(self) -> None:
        """Raises INVALID for what no program may say, at its place in the request."""
        ids = [each.id for each in self.success_criteria]
        for index, each in enumerate(ids):
            if each in ids[:index]:
                raise invalid(
                    "success_criterion_repeated",
                    "Each success criterion of a program has an id of its own.",
                    f"/success_criteria/{index}/criterion_id",
                )
        for index, criterion in enumerate(self.success_criteria):
            if criterion.target is not None and not criterion.measure:
                raise invalid(
                    "target_without_measure",
                    "A target is one of a measure: say which.",
                    f"/success_criteria/{index}/measure_id",
                )
        if (self.cost_per_coach_hour is None) != (not self.currency):
            detail = "A cost has a currency, and a currency is that of a cost."
            raise invalid("cost_without_currency", detail, "/currency")

    def kept_when_open(self) -> ProgramSays:
        """The part that stays as it was once teachers may be enrolled."""
        return replace(
            self,
            name="",
            leads=(),
            cost_per_coach_hour=None,
            currency="",
            funding_source="",
            attention=AttentionSettings(),
        )


@dataclass(kw_only=True)
class ProgramOutline(Aggregate):
    """A program without its process. Who leads it is said in `says`, and counts while a grant to
    lead programs says so too. `template`: see `ProgramProcess`; `revision`: that of its process, 1
    at first. `size_band` follows from who is enrolled, a moment later."""

    says: ProgramSays
    school_year: int
    drafted_by: str
    drafted_at: datetime
    template: str = ""
    template_version: int = 0
    state: ProgramState = ProgramState.DRAFT
    revision: int = 1
    size_band: SizeBand = SizeBand.UNDER_100
    opened_at: datetime | None = None
    begun_at: datetime | None = None
    closed_at: datetime | None = None

    def check_edit(self, by: str, at: datetime) -> None:
        """Whether something of what it says may still be changed."""
        if self.state in (ProgramState.CLOSED, ProgramState.WITHDRAWN):
            raise conflict("program_closed", "The program is over and does not change.")

    def check_plan(self, by: str, at: datetime) -> None:
        """Whether its process may be replaced: before teachers go by it."""
        if self.state is not ProgramState.DRAFT:
            detail = "Teachers may be enrolled: say how single steps differ."
            raise conflict("program_opened", detail)

    def check_deviate(self, by: str, at: datetime) -> None:
        """Whether single steps may differ from the process: while it runs."""
        self.check_edit(by, at)
        if self.state is ProgramState.DRAFT:
            raise conflict("program_not_opened", "A draft's process can still be replaced.")

    def check_open(self, by: str, at: datetime) -> None:
        """Whether teachers may be enrolled from now on: success is defined before."""
        if self.state is not ProgramState.DRAFT:
            raise conflict("program_opened", "Teachers may be enrolled already, or it is over.")
        if not self.says.success_criteria:
            detail = "Say what success is before teachers are enrolled."
            raise conflict("success_criteria_needed", detail)

    def check_begin(self, by: str, at: datetime) -> None:
        if self.state is not ProgramState.ENROLLING:
            raise conflict("program_not_enrolling", "Only a program that is open begins.")

    def check_close(self, by: str, at: datetime) -> None:
        if self.state not in (ProgramState.ENROLLING, ProgramState.ACTIVE):
            raise conflict("program_not_open", "Only a program that is open or runs is closed.")

    def check_withdraw(self, by: str, at: datetime) -> None:
        if self.state is not ProgramState.DRAFT:
            raise conflict("program_opened", "Only a draft is withdrawn: close it.")

    @property
    def enrolls(self) -> bool:
        """Whether teachers may be enrolled: also while it runs already."""
        return self.state in (ProgramState.ENROLLING, ProgramState.ACTIVE)
