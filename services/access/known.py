"""What a service knows of people, and who works with whom today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from services.access.agreed import Agreed, agreed_in
from services.access.coaching import admission_of, coaches_of, counting_years, hindrance
from services.access.days import Days
from services.access.directory import Directory
from services.access.districts import District
from services.access.facts import MeetingFact, PolicyFact
from services.access.meetings import meetings_on, met_at
from services.access.peers import NO_PEERING, Peering, peering_of
from services.access.privacy_keys import POLICY_ROW
from services.access.profile import ALL_WORK, Grant, Profile, Tie
from services.access.shown import HERS_ALONE
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault


class TiesAsStored(Protocol):
    async def of(self, district: str, teacher: str, tie: Tie) -> Tie | None:
        """What is left of one that the access view says, in the service that keeps relationships:
        None where it has ended. 1 database command. Raises Fault UNAVAILABLE."""


class Known:
    """`ties`: of the service that keeps relationships itself; one that has ended lets nobody in
    there from then on, though the event of it has not come back by Kafka."""

    def __init__(
        self, directory: Directory, clock: Clock, days: Days, ties: TiesAsStored | None = None
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._days = days
        self._ties = ties

    def now(self) -> datetime:
        return self._clock.now()

    async def profile(self, district: str, person: str) -> Profile | None:
        """What this service knows of a person of the roster; None of what else is in the view."""
        known = await self._directory.profile(district, person)
        return known and known.of_somebody

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        """As `profile`, of many. 1 database command where one is not known yet."""
        found = await self._directory.profiles(district, persons)
        return {each: known and known.of_somebody for each, known in found.items()}

    async def agreed(self, district: str) -> Agreed:
        """What the data-use policy in force decides of who reads. No database command when warm."""
        return agreed_in(await self._directory.profile(district, POLICY_ROW))

    async def in_force(self, district: str) -> PolicyFact | None:
        """The data-use policy in force, as far as it is known here."""
        rules = await self._directory.profile(district, POLICY_ROW)
        return None if rules is None else rules.in_force

    async def hindrance(self, district: str, coach: str, teacher: str) -> Fault | None:
        """Why a person may not coach another today, or None: see `coaching.hindrance`."""
        coaching = await self._directory.profile(district, coach)
        taught = await self._directory.profile(district, teacher)
        return hindrance(coaching, taught, self.today(district), self.rules(district))

    async def is_side(self, district: str, coach: str, teacher: str) -> bool:
        """Whether a coach still is a side of what the two have written: who leads, or may, is only
        as long as the teacher lets her coach. No database command when profiles are warm."""
        leads = await self.may_lead(district, coach)
        return not leads or await self.coaches(district, coach, teacher)

    async def may_lead(self, district: str, person: str) -> bool:
        """As `Profile.may_lead`, today. No database command when her profile is warm."""
        profile, today = await self.profile(district, person), self.today(district)
        return profile is not None and profile.may_lead(today, self.rules(district).roles)

    async def coaches(self, district: str, coach: str, teacher: str, kind: str = "") -> bool:
        """Whether the one coaches the other today, or is of a circle with her, and may see what is
        of a `kind`."""
        tie = await self.tie(district, coach, teacher)
        if tie is not None and tie.shows(kind):
            return True
        return bool((await self.peering(district, coach, teacher)).relation(kind))

    async def sees(self, call: Call, teacher: str) -> frozenset[str]:
        """Of the kinds in `ALL_WORK` those of a teacher's that the caller is shown today: all to
        herself, and what is `HERS_ALONE`; to who coaches her what she shows that coach, to who is
        of a circle with her what she shows there, to a partner what it has the scope to read,
        nothing to anybody else. The one rule of what another thing may say of her work: whoever is
        let see an observation, say, is not therefore told for which goal it was."""
        reader, principal = call.principal.person, call.principal
        if principal.partner:
            return (await self.agreed(call.district)).open_to(principal.scopes)
        if reader == teacher:
            return ALL_WORK | HERS_ALONE
        tie = await self.tie(call.district, reader, teacher)
        shown = (await self.peering(call.district, reader, teacher)).sees
        return tie.sees | shown if tie else shown

    async def peering(self, district: str, reader: str, teacher: str) -> Peering:
        """By which circles the one sees the other's work today, by the rule in `access.peers`."""
        reading = await self._directory.profile(district, reader)
        shown = await self._directory.profile(district, teacher)
        peering = peering_of(reading, shown, self.today(district), self.rules(district))
        if peering and not (await self.agreed(district)).coaches:
            return NO_PEERING
        return peering

    async def meetings_on(self, district: str, reader: str) -> Sequence[MeetingFact]:
        """At which community meetings somebody may read now what is shared with those who are at
        one, by the rule in `access.meetings`."""
        known = await self.profile(district, reader)
        return meetings_on(known, self._clock.now(), self.today(district), self.rules(district))

    async def met_at(self, district: str, reader: str, teacher: str) -> frozenset[str]:
        """At which of these the teacher is, too."""
        on = await self.meetings_on(district, reader)
        known = await self.profile(district, teacher) if on else None
        return met_at(known, on, self._clock.now())

    async def tie(self, district: str, coach: str, teacher: str) -> Tie | None:
        """That by which the one coaches the other today, by the rule in `access.coaching`. No
        database command when profiles are warm, but as `TiesAsStored` says."""
        return (await self._tie(district, coach, teacher))[0]

    async def _tie(
        self, district: str, coach: str, teacher: str
    ) -> tuple[Tie | None, Grant | None]:
        """As `tie`, and the grant that it takes, if it does."""
        day, rules = self.today(district), self.rules(district)
        coaching = await self._directory.profile(district, coach)
        coached = await self._directory.profile(district, teacher)
        if coached is None:
            return None, None
        tie = coaches_of(coached.active, coached.ties, counting_years(day, rules)).get(coach)
        admission = admission_of(coaching, day, rules)
        if tie is None or not admission.admits(tie, coached):
            return None, None
        if self._ties is not None:
            tie = await self._ties.of(district, teacher, tie)
            if tie is None:
                return None, None
        agreed = await self.agreed(district)
        return agreed.shown(tie), admission.grant(coached)

    async def coaches_shown(self, district: str, teacher: str, kind: str) -> frozenset[str]:
        """Whom a teacher's relationships of today show what is of a `kind`: whether such a coach is
        let in also takes her own half, see `_tie`."""
        known = await self._directory.profile(district, teacher)
        if known is None:
            return frozenset()
        years = counting_years(self.today(district), self.rules(district))
        ties, agreed = coaches_of(known.active, known.ties, years), await self.agreed(district)
        return frozenset(each for each, tie in ties.items() if agreed.shown(tie).shows(kind))

    async def peers_shown(self, district: str, teacher: str, kind: str) -> frozenset[str]:
        """Whom a teacher's circles of today show what is of a `kind`: whether such a peer is let in
        also takes her own half, see `peers.peering_of`."""
        known = await self._directory.profile(district, teacher)
        if known is None:
            return frozenset()
        years = counting_years(self.today(district), self.rules(district))
        showing = (each for each in known.circles if each.year in years and kind in each.sees)
        return frozenset(peer for each in showing for peer in each.peers)

    def rules(self, district: str) -> District:
        return self._days.districts.of(district)

    def today(self, district: str) -> date:
        """The present day in the district."""
        return self._days.day_of(district, self._clock.now())
