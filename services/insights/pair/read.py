"""What a teacher reads of the pairs and groups that she is of: put together of several teachers'
rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.access.access import Access
from services.access.facts import CircleFact
from services.access.guarded import GuardedReads
from services.access.peers import GROUP, PAIR
from services.access.profile import ALL_WORK
from services.chassis.call import Call
from services.chassis.kernel import Clock
from services.chassis.views.projection import Row, new_row
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import card_of
from services.insights.caseload.caseloads import CaseloadView, Scope, view_of
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import FindingResource, entry_resource
from services.insights.pair.domain import (
    RULE_VERSION,
    evidence_of,
    is_imbalanced,
    next_session_of,
    visits_of,
)
from services.insights.pair.resources import (
    OwnPairsResource,
    PairResource,
    PeerGroupResource,
    visits_resource,
)

WORK = {"goal": "goals", "observation": "observations", "administration": "surveys"}
MOST = 20  # circles that are put together: of more, the first


@dataclass(frozen=True, slots=True)
class Ports:
    cards: NamedCards
    almanac: Almanac
    reads: GuardedReads
    access: Access
    clock: Clock


async def get_own_pairs(ports: Ports, call: Call) -> OwnPairsResource:
    """The caller's open pairs and groups: what each of them shows the others of goals and more; of
    a pair how often each has observed the other, and when both meet next.

    Nobody but the two is told of their balance. 1 database command when warm."""
    person = call.principal.person

    async def read() -> OwnPairsResource:
        now = ports.clock.now()
        await ports.almanac.ready()
        freshness = ports.almanac.freshness()  # before the cards: they are at least this fresh
        circles = await _circles(ports, call.district, person)
        rows = await _rows(ports, call.district, person, circles)
        return OwnPairsResource(
            pairs=[
                await _pair(ports, call, rows, peers[0], each, now)
                for peers, each in circles
                if each.kind == PAIR
            ],
            groups=[
                await _group(ports, call, rows, peers, each, now)
                for peers, each in circles
                if each.kind == GROUP
            ],
            as_of=freshness.as_of,
            stale=freshness.stale,
        )

    return await ports.reads.many(call, (person,), read, _told)


def _told(found: OwnPairsResource) -> Sequence[str]:
    """Of whom it tells beside the caller."""
    peers = {entry.teacher_id for each in found.groups for entry in each.peers}
    return sorted({each.partner.teacher_id for each in found.pairs} | peers)


async def _circles(
    ports: Ports, district: str, person: str
) -> list[tuple[Sequence[str], CircleFact]]:
    """Each with those of it by whom she is let in today, by the rule of peers, whatever they
    show."""
    own = await ports.access.profile(district, person)
    found: list[tuple[Sequence[str], CircleFact]] = []
    for each in own.circles if own is not None else ():
        if each.kind == PAIR and len(each.peers) != 1:
            continue
        peers = []
        for peer in sorted(each.peers):
            peering = await ports.access.peering(district, person, peer)
            if any(circle.id == each.id for circle in peering.circles):
                peers.append(peer)
        if peers:
            found.append((peers, each))
    return sorted(found, key=lambda circle: (-circle[1].year, circle[1].id))[:MOST]


async def _rows(
    ports: Ports,
    district: str,
    person: str,
    circles: Collection[tuple[Sequence[str], CircleFact]],
) -> dict[str, Row]:
    """The cards of all of each; an empty one of whom nothing is known yet."""
    whose = {(each.year, who) for peers, each in circles for who in (person, *peers)}
    ids = sorted(f"{district}:{who}:{year}" for year, who in whose)
    rows = dict(await ports.cards.rows(ids)) if ids else {}
    missing = [new_row(each, district) for each in ids if each not in rows]
    return rows | {row["_id"]: row for row in await ports.cards.named(district, missing)}


async def _group(
    ports: Ports,
    call: Call,
    rows: Mapping[str, Row],
    peers: Sequence[str],
    circle: CircleFact,
    now: datetime,
) -> PeerGroupResource:
    person, district = call.principal.person, call.district
    view = await view_of(ports.access, Scope(district, person, circle.year))
    shown = []
    for peer in peers:
        sees = (await ports.access.peering(district, person, peer)).sees
        entry = _entry(ports, view, rows[view.scope.row(peer, circle.year)], sees, now)
        shown.append(entry_resource(untold(entry)))
    return PeerGroupResource(
        circle_id=circle.id,
        school_year=circle.year,
        peers=shown,
        shows=_shows(circle),
    )


def _shows(circle: CircleFact) -> list[Any]:
    """In the words of answers."""
    return [word for kind, word in WORK.items() if kind in circle.sees]


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
    imbalanced = is_imbalanced(visits, hers.thresholds, partners.thresholds)
    evidence = list(evidence_of(circle.id, visits))
    why = FindingResource(code="F13", rule_version=RULE_VERSION, evidence_ids=evidence)
    return PairResource(
        circle_id=circle.id,
        school_year=circle.year,
        own=entry_resource(_entry(ports, view, own, ALL_WORK, now)),
        partner=entry_resource(untold(_entry(ports, view, theirs, sees, now))),
        shows=_shows(circle),
        visits=[visits_resource(each) for each in visits],
        imbalanced=imbalanced,
        imbalance=why if imbalanced else None,
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
