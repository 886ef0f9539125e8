"""What a teacher reads of the pairs that she is of: put together of two teachers' rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from services.access.access import Access
from services.access.facts import CircleFact
from services.access.guarded import GuardedReads
from services.access.peers import PAIR
from services.access.profile import ALL_WORK
from services.chassis.call import Call
from services.chassis.kernel import Clock
from services.chassis.views.projection import Row, new_row
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import card_of
from services.insights.caseload.caseloads import CaseloadView, Scope, view_of
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import entry_resource
from services.insights.pair.domain import is_imbalanced, next_session_of, visits_of
from services.insights.pair.resources import OwnPairsResource, PairResource, visits_resource

WORK = {"goal": "goals", "observation": "observations", "administration": "surveys"}
MOST = 20  # pairs that are put together: of more, the first


@dataclass(frozen=True, slots=True)
class Ports:
    cards: NamedCards
    almanac: Almanac
    reads: GuardedReads
    access: Access
    clock: Clock


async def get_own_pairs(ports: Ports, call: Call) -> OwnPairsResource:
    """The caller's open pairs: what each of the two shows the other of goals and more, how often
    each has observed the other, and when both meet next.

    Nobody but the two is told of their balance. 1 database command when warm."""
    person = call.principal.person

    async def read() -> OwnPairsResource:
        now = ports.clock.now()
        await ports.almanac.ready()
        freshness = ports.almanac.freshness()  # before the cards: they are at least this fresh
        pairs = await _pairs(ports, call.district, person)
        rows = await _rows(ports, call.district, person, pairs)
        found = [await _pair(ports, call, rows, partner, each, now) for partner, each in pairs]
        return OwnPairsResource(pairs=found, as_of=freshness.as_of, stale=freshness.stale)

    return await ports.reads.many(
        call, (person,), read, lambda told: [each.partner.teacher_id for each in told.pairs]
    )


async def _pairs(ports: Ports, district: str, person: str) -> list[tuple[str, CircleFact]]:
    """Each with the partner: those by which she is let in today, by the rule of peers, whatever
    her partner shows."""
    own = await ports.access.profile(district, person)
    found = []
    for each in own.circles if own is not None else ():
        if each.kind == PAIR and len(each.peers) == 1:
            (partner,) = each.peers
            peering = await ports.access.peering(district, person, partner)
            if any(circle.id == each.id for circle in peering.circles):
                found.append((partner, each))
    return sorted(found, key=lambda pair: (-pair[1].year, pair[1].id))[:MOST]


async def _rows(
    ports: Ports, district: str, person: str, pairs: Collection[tuple[str, CircleFact]]
) -> dict[str, Row]:
    """The cards of the two of each; an empty one of whom nothing is known yet."""
    ids = sorted({f"{district}:{who}:{each.year}" for to, each in pairs for who in (person, to)})
    rows = dict(await ports.cards.rows(ids)) if ids else {}
    missing = [new_row(each, district) for each in ids if each not in rows]
    return rows | {row["_id"]: row for row in await ports.cards.named(district, missing)}


async def _pair(
    ports: Ports, call: Call, rows: dict[str, Row], partner: str, circle: CircleFact, now: datetime
) -> PairResource:
    person, district = call.principal.person, call.district
    view = await view_of(ports.access, Scope(district, person, circle.year))
    sees = (await ports.access.peering(district, person, partner)).sees
    own, theirs = (
        rows[view.scope.row(person, circle.year)],
        rows[view.scope.row(partner, circle.year)],
    )
    hers, partners = card_of(own), card_of(theirs)
    visits = [visits_of(person, partners, now), visits_of(partner, hers, now)]
    return PairResource(
        circle_id=circle.id,
        school_year=circle.year,
        own=entry_resource(_entry(ports, view, own, ALL_WORK, now)),
        partner=entry_resource(untold(_entry(ports, view, theirs, sees, now))),
        shows=[word for kind, word in WORK.items() if kind in circle.sees],
        visits=[visits_resource(each) for each in visits],
        imbalanced=is_imbalanced(visits, hers.thresholds, partners.thresholds),
        next_session_at=next_session_of(hers, partners, now),
    )


def untold(entry: CaseloadEntry) -> CaseloadEntry:
    """Without what is told of everything about her, shown or not."""
    return replace(entry, card=replace(entry.card, newest_event_at=None, incomplete=False))


def _entry(
    ports: Ports, view: CaseloadView, row: Row, sees: Collection[str], now: datetime
) -> CaseloadEntry:
    calendar = ports.almanac.calendar(view.scope.district, view.scope.school_year)
    return view.read(row, sees, calendar, now, ports.almanac.troubles)[0]
