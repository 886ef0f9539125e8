"""What the programs of a district plan, in memory, so that a read asks nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from hashlib import blake2b
from typing import Protocol

from services.access.stated_days import session_of
from services.chassis.troubles import Troubles
from services.chassis.views.kept import KeptByDistrict
from services.chassis.views.projection import Row
from services.insights.facts.stored import district_of
from services.insights.program.domain import ProgramPlan, Thresholds
from services.insights.program.fold import FACTS, ProgramFact

MOST = 1_000  # of one district, as many as it may have: nothing is planned by more
A_PROGRAM = "a program"
_THRESHOLDS = [each.name for each in fields(Thresholds)]


class StoredPrograms(Protocol):
    """Each method raises Fault UNAVAILABLE, and is 1 database command."""

    async def programs(self, district: str, most: int) -> Sequence[Row]:
        """The programs of a district, by id; where there are more than `most`, the first of
        them."""

    async def sessions(self, district: str, sessions: Collection[str]) -> Sequence[Row]:
        """The academic sessions of these ids in the roster."""


@dataclass(frozen=True, slots=True)
class Planned:
    """By program. `means` is the same of two that say the same."""

    plans: Mapping[str, ProgramPlan]
    means: str = ""


NOTHING = Planned({})


class ProgramPlans(KeptByDistrict[Planned]):
    """1 database command for a district that was never read, and 1 more where a program has a
    cohort."""

    def __init__(self, stored: StoredPrograms, troubles: Troubles, *, cached: bool = True) -> None:
        super().__init__(NOTHING, cached=cached)
        self._stored, self._troubles = stored, troubles

    async def read(self, district: str) -> Planned:
        rows = await self._stored.programs(district, MOST)
        broken: list[Exception] = []
        found = [
            fact
            for row in rows
            if district_of(row) == district
            for fact in FACTS.all_in(row, "program", broken.append)
        ]
        spans = await self._spans(district, {each.session for each in found} - {""}, broken)
        for error in broken[:1]:
            self._troubles.tell(A_PROGRAM, district, error)
        plans = {each.program: _plan_of(each, spans.get(each.session)) for each in found}
        means = blake2b(repr(sorted(plans.items())).encode(), digest_size=9).hexdigest()
        return Planned(plans, means)

    async def _spans(
        self, district: str, sessions: Collection[str], broken: list[Exception]
    ) -> Mapping[str, tuple[date, date]]:
        """The first day of each and the day after its last."""
        spans = {}
        for row in await self._stored.sessions(district, sorted(sessions)) if sessions else ():
            try:
                found = session_of(row)
            except Exception as error:  # noqa: BLE001 # whatever the row holds
                broken.append(error)
                continue
            if found is not None:
                id_ = str(row["_id"]).partition(":")[2]
                spans[id_] = (found[1].starts, found[1].ends)
        return spans


def _plan_of(fact: ProgramFact, span: tuple[date, date] | None) -> ProgramPlan:
    """With what it does not say as it is everywhere. Of a cohort that nobody knows nobody can say
    for when its contacts are planned."""
    said = asdict(fact)
    says = {name: said[name] for name in _THRESHOLDS if said[name] is not None}
    thresholds = Thresholds(**says)
    contacts = None if fact.session and span is None else fact.planned_contacts
    return ProgramPlan(
        fact.program,
        fact.school_year,
        contacts,
        span,
        fact.running,
        fact.begun_at,
        fact.leads,
        fact.large,
        thresholds,
        fact.steps,
    )
