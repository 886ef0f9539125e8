"""A coaching program: what is pursued with whom for one school year, and by which process.

It concerns no teacher. What teachers do in it is theirs: see `services/programs/enrollment`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import conflict, invalid
from services.programs.program.outline import (
    ProgramOutline,
    ProgramSays,
)
from services.programs.program.outline import ProgramState as ProgramState
from services.programs.program.outline import SizeBand as SizeBand
from services.programs.program.outline import band_of as band_of
from services.programs.program.process import (
    Deviation,
    DeviationKind,
    ProgramProcess,
    ProgramStage,
)


class ProgramEvent(enum.StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    PLANNED = "planned"
    DEVIATED = "deviated"
    OPENED = "opened"
    BEGUN = "begun"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    SIZE_BAND_CHANGED = "size_band_changed"


@dataclass(kw_only=True)
class ProgramSummary(ProgramOutline):
    """What a list shows of a program."""


@dataclass(kw_only=True)
class Program(ProgramOutline):
    """`deviations`: at most one of each step, in the order in which they were said."""

    stages: tuple[ProgramStage, ...] = ()
    deviations: tuple[Deviation, ...] = ()

    @property
    def process(self) -> ProgramProcess:
        return ProgramProcess(self.template, self.template_version, self.stages)

    @classmethod
    def draft(
        cls,
        *,
        id: str,
        district: str,
        says: ProgramSays,
        school_year: int,
        process: ProgramProcess,
        by: str,
        at: datetime,
    ) -> Program:
        """Raises INVALID as `ProgramSays.check` and `ProgramProcess.check`."""
        says.check()
        process.check()
        program = cls(
            id=id,
            district=district,
            says=says,
            school_year=school_year,
            template=process.template,
            template_version=process.template_version,
            stages=process.stages,
            drafted_by=by,
            drafted_at=at,
        )
        program.record(ProgramEvent.DRAFTED)
        return program

    def edit(self, says: ProgramSays, by: str, at: datetime) -> None:
        """All that it says, in place of what it said. Once it is open, what it is compared and
        measured by stays. The same again changes nothing."""
        self.check_edit(by, at)
        says.check()
        draft = self.state is ProgramState.DRAFT
        if not draft and says.kept_when_open() != self.says.kept_when_open():
            raise conflict(
                "program_opened",
                "Teachers may be enrolled: only its name, leads, cost and funding change.",
            )
        if says == self.says:
            return
        self.says = says
        self.record(ProgramEvent.EDITED)

    def plan(self, process: ProgramProcess, by: str, at: datetime) -> None:
        """Another process in place of a draft's. The same again changes nothing."""
        self.check_plan(by, at)
        process.check()
        if process == self.process:
            return
        self.template, self.template_version = process.template, process.template_version
        self.stages = process.stages
        self.revision += 1
        self.record(ProgramEvent.PLANNED)

    def deviate(
        self, step: str, kind: DeviationKind | None, reason: str, by: str, at: datetime
    ) -> None:
        """Leave a step out or do it otherwise from now on; None: as planned again."""
        self.check_deviate(by, at)
        if not self.process.has(step):
            raise invalid("unknown_step", "The process has no such step.", "/step_id")
        others = tuple(each for each in self.deviations if each.step != step)
        if kind is None:
            if others == self.deviations:
                return
            self.deviations = others
        else:
            self.deviations = (*others, Deviation(step, kind, reason, by, at))
        self.revision += 1
        self.record(ProgramEvent.DEVIATED)

    def open(self, by: str, at: datetime) -> None:
        """Let teachers be enrolled. From now on what success is and what it is compared by stay."""
        self.check_open(by, at)
        self.state, self.opened_at = ProgramState.ENROLLING, at
        self.record(ProgramEvent.OPENED)

    def begin(self, by: str, at: datetime) -> None:
        """Begin an open program; teachers may still be enrolled."""
        self.check_begin(by, at)
        self.state, self.begun_at = ProgramState.ACTIVE, at
        self.record(ProgramEvent.BEGUN)

    def close(self, by: str, at: datetime) -> None:
        """Close a program. It stays in every list and comparison, whatever came of it."""
        self.check_close(by, at)
        self.state, self.closed_at = ProgramState.CLOSED, at
        self.record(ProgramEvent.CLOSED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back a draft that should not have been."""
        self.check_withdraw(by, at)
        self.state, self.closed_at = ProgramState.WITHDRAWN, at
        self.record(ProgramEvent.WITHDRAWN)

    def resize(self, band: SizeBand) -> None:
        """So many teachers are enrolled by now. The same again changes nothing."""
        if band is not self.size_band:
            self.size_band = band
            self.record(ProgramEvent.SIZE_BAND_CHANGED)
