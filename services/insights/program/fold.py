"""What programs plan and by when they want attention to be called: a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from coaching.programs.v1 import program_events_pb2 as programs
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.facts import FactOf, count, listed, text
from services.chassis.views.projection import Event, Fact, Fold
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import SCHOOL_YEARS, instant, number
from services.insights.program.domain import ADAPTED, PlannedStep

PROGRAMS = "programs"


@dataclass(frozen=True, slots=True)
class ProgramFact:
    """`running`: teachers may be in it. `session`: its cohort's, by its id in the roster."""

    id: str
    program: str
    running: bool
    school_year: int
    begun_at: datetime | None = None
    session: str = ""
    leads: tuple[str, ...] = ()
    large: bool = False
    planned_contacts: int | None = None
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
    steps: tuple[PlannedStep, ...] = ()


def _step(stored: Any) -> PlannedStep:
    """Raises KeyError, TypeError and ValueError for what is none."""
    values: dict[str, Any] = {name: _READ[name](stored[name]) for name in _READ}
    return PlannedStep(**values)


def _days(stored: Any) -> int | None:
    return None if stored is None else count(stored)


_DAYS = {"due_within": count, "repeats_after": count, "stage_lasts": _days}
_READ = {each.name: _DAYS.get(each.name, text) for each in fields(PlannedStep)}
FACTS = FactOf(ProgramFact, leads=listed(text), steps=listed(_step))
_ACTORS = words_of(programs.StepActor.DESCRIPTOR)
_NEEDS = words_of(programs.StepNeed.DESCRIPTOR)
_EVIDENCE = words_of(programs.EvidenceKind.DESCRIPTOR)
_DEVIATIONS = words_of(programs.DeviationKind.DESCRIPTOR)
_SETTINGS = [each.name for each in programs.AttentionSettings.DESCRIPTOR.fields]
_RUNNING = (programs.PROGRAM_STATE_ENROLLING, programs.PROGRAM_STATE_ACTIVE)


def program(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: programs.ProgramSnapshot = message.program
    envelope = event.envelope
    if envelope.key != f"{envelope.district}:{said.program_id}":
        raise InvalidEvent("the key names another program")
    if said.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    value = FACTS.write(
        program=said.program_id,
        running=said.state in _RUNNING,
        school_year=said.school_year,
        session=said.session_id,
        leads=[*said.lead_ids],
        large=said.size_band == programs.SIZE_BAND_FROM_100,
        begun_at=instant(said, "begun_at"),
        planned_contacts=number(said, "planned_contacts"),
        steps=_steps(said),
        **{name: number(said.attention, name) for name in _SETTINGS},
    )
    return [Fact(PROGRAMS, envelope.key, "program", envelope.aggregate_id, value)]


def _steps(said: programs.ProgramSnapshot) -> list[dict[str, Any]]:
    """As they are stored."""
    deviations = {
        each.step_id: _DEVIATIONS.get(each.deviation, ADAPTED) for each in said.deviations
    }
    return [
        asdict(
            PlannedStep(
                stage=each.stage_id,
                step=each.step_id,
                actor=_ACTORS.get(each.actor, ""),
                need=_NEEDS.get(each.need, ""),
                evidence=_EVIDENCE.get(each.evidence, ""),
                due_within=each.due_within,
                repeats_after=each.repeats_after,
                stage_lasts=number(each, "stage_lasts"),
                deviation=deviations.get(each.step_id, ""),
            )
        )
        for each in said.steps
    ]


FOLDS: dict[str, Fold] = dict.fromkeys(events_with(programs.ProgramSnapshot.DESCRIPTOR), program)
