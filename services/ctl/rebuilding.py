"""Rebuilds one view of one service from the journals, beside the one in use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.access.projection import access_projection
from services.assembly.registry import SERVICES
from services.chassis.clock import ServiceClock
from services.chassis.duties.duty import COLLECTION as TODOS
from services.chassis.duties.duty import duties_projection
from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.duties.view import duties_view
from services.chassis.field_names import from_field_name
from services.chassis.log.connections import Proof
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.noted import end_offsets, noted_offsets
from services.chassis.log.source import Positions
from services.chassis.mongo import Collection as Rows
from services.chassis.mongo import Database
from services.chassis.views.batch import Limits
from services.chassis.views.canonical import digest
from services.chassis.views.mongo_parked import MongoParked
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.parking import ParkingLimits, as_decided
from services.chassis.views.projection import Projection, Row, is_gone
from services.chassis.views.rebuild import Journals, Rebuild
from services.chassis.views.rows import Generation, Views
from services.ctl.duties import duties_of
from services.ctl.exits import Exit, Stop
from services.insights.caseload.fold import CARDS, insights_projection
from services.insights.caseload.mongo_cards import MongoCards
from services.insights.timeline.fold import TIMELINE, timeline_projection
from services.insights.timeline.mongo_timelines import MongoTimelines

AT_ONCE = 500  # rows of which it is asked whether another build has them
Held = Callable[[], Awaitable[tuple[Positions, Positions]]]
"""Gives where what the log still has begins, and where it ends: see `held_offsets`."""


@dataclass(frozen=True, slots=True)
class View:
    """`service` owns the database that the view is in."""

    service: str
    projection: Projection

    @property
    def collections(self) -> tuple[str, ...]:
        return self.projection.collections


def view_of(name: str, service: str) -> View:
    """`name` and `service` as `registry.VIEWS` has them."""
    if name == "insights":
        return View(service, insights_projection())
    if name == TIMELINE:
        return View(service, timeline_projection())
    if name == duties_view(service):
        number = SERVICES[service].duties_topics
        return View(service, duties_projection(service, duties_of(service), number))
    return View(service, access_projection(service))


async def rebuild(
    view: View,
    own: Database,
    kafka: str,
    journals: Journals,
    *,
    proof: Proof,
    dry_run: bool,
    park: int | None = None,
    after_restore: bool = False,
) -> dict[str, Any]:
    """Build the view anew, compare it with the one in use and, unless `dry_run`, flip to it.

    The topics' offsets are noted first, so nothing that happens meanwhile is lost. A new
    build with fewer rows than the old one had before is not flipped to (Stop REFUSED): a journal
    or a district is missing. Rows of nothing but what was erased are not missed: the journals say
    no more of it. The old build stays, to go back to, unless something is erased that it has not
    read yet, or `after_restore` (`old_stays`); one that is not flipped to is taken away.
    `park`: how many messages that cannot be projected the operator accepts, beyond those that are
    discarded in the old build;
    without her word the limits of every projector hold. `after_restore`: the journals are those
    of backups, and the old build may be newer; fewer rows are no mistake then, but a district
    that has none is (Stop REFUSED).
    """
    views = MongoViews(own)
    name = view.projection.group
    old = await views.generation(name)
    noted = await noted_offsets(kafka, view.projection.topics, proof=proof)
    given_up = await MongoParked(own).given_up(name)
    parking = ParkingLimits(given_up=given_up) if park is None else as_decided(park, given_up)
    work = Rebuild(
        views,
        view.projection,
        ServiceClock(),
        len(noted),
        _prepare(view, own, views),
        limits=Limits(parking=parking),
    )
    came_into_use = False
    try:
        report = await _built(view, work, own, old, noted, journals, kafka, proof, after_restore)
        if not dry_run:
            new = Generation(name, report["build"])
            report["old_stays"] = await work.come_into_use(old, new, not after_restore)
            came_into_use = report["in_use"] = True
        return report
    finally:
        built = work.built
        # one that came into use may be replaced already, and is still read for a moment
        if built and not came_into_use and built != await views.generation(name):
            await views.drop(built, view.collections)


async def go_back(name: str, views: Views, held: Held) -> dict[str, Any]:
    """Let the newest build before the one in use be read again. That one stays until something is
    erased, or the view is rebuilt. Raises Stop REFUSED where no build before it may be read, or it
    could not catch up with what is `held`, and what `held` raises."""
    found = await views.builds(name)
    before = [each for each in found.others if each.number < found.current.number]
    for each in reversed([] if found.alone else before):
        if lacks := await _lacks(views, each, held):
            raise Stop(
                Exit.REFUSED,
                f"{name}: build {each.number} could not catch up: {lacks}; what it lacks is in the "
                f"journals alone, so `tandem views rebuild --view {name}`; nothing was changed",
            )
        if await views.flip(each):  # else it is to be dropped, or was
            return {"view": name, "build": each.number, "left": found.current.number}
    raise Stop(
        Exit.REFUSED,
        f"{name}: there is no build before {found.current.number} to go back to; "
        "`tandem views rebuild` makes one from the journals",
    )


async def _lacks(views: Views, build: Generation, held: Held) -> str:
    """Where a build would go on reading and cannot, as its projector would find; empty: nowhere."""
    begins, ends = await held()
    fences = await views.fences(build.group, begins)
    for number, topics in sorted(begins.items()):
        known = fences[number].positions if number in fences else {}
        for topic, begin in sorted(topics.items()):
            offset = known.get(topic, 0)
            if begin > offset:
                return f"{topic}/{number} begins at offset {begin}, and it has read up to {offset}"
            if ends[number][topic] < offset:
                end = ends[number][topic]
                return f"{topic}/{number} ends at offset {end}, and it has read up to {offset}"
    return ""


async def _built(
    view: View,
    work: Rebuild,
    own: Database,
    old: Generation,
    noted: Positions,
    journals: Journals,
    kafka: str,
    proof: Proof,
    after_restore: bool,
) -> dict[str, Any]:
    """The report on the new build, not in use yet. Raises Stop REFUSED."""
    name, views = view.projection.group, MongoViews(own)
    new = await work.fold_journals(journals, noted)
    source = KafkaSource(
        ConsumerSettings(
            kafka, new.group, view.projection.topics, client_id="tandem-rebuild", proof=proof
        )
    )
    # the one in use goes on growing; what it has now comes before these ends
    before = {each: await views.count(old, each) for each in view.collections}
    await work.catch_up(new, source, await end_offsets(kafka, view.projection.topics, proof))
    if after_restore:
        await _no_district_lacks(view, own, old, new)
    else:
        await _no_row_lacks(own, views, before, old, new, work.erased)
    if TODOS in view.collections:
        await MongoTodos(own, name).carry_over(old, new)
    rows = {
        each: (await digest(views.scan(old, each)), await digest(views.scan(new, each)))
        for each in view.collections
    }
    return {
        "view": name,
        "build": new.number,
        "replaces": old.number,
        "records": work.counts.records,
        "parked": work.counts.parked,
        "rows": sum(fresh[0] for _, fresh in rows.values()),
        "same_as_before": all(known == fresh for known, fresh in rows.values()),
        "in_use": False,
        "old_stays": True,
    }


async def _no_row_lacks(
    own: Database,
    views: MongoViews,
    before: Mapping[str, int],
    old: Generation,
    new: Generation,
    erased: Collection[str],
) -> None:
    """A to-do of what was erased stays in the old build until it is 30 days old, say."""
    fewer: list[str] = []
    for each, count in before.items():
        was, is_now = own[old.collection(each)], own[new.collection(each)]
        lacking = count - await views.count(new, each)
        if erased:  # what only the new one has of these makes up for nothing
            lacking += await _of_erased(is_now, was, erased)
        if lacking > 0:  # seldom: all rows are looked for
            fewer += [each] if lacking > await _of_erased(was, is_now, erased) else []
    if fewer:
        raise Stop(
            Exit.REFUSED,
            f"{new.name}: the new build has fewer rows than the one in use ({', '.join(fewer)}), "
            "so a journal or a district's token is missing, or a backup was restored "
            "(--after-restore); nothing was changed",
        )


async def _of_erased(old: Rows, new: Rows, erased: Collection[str]) -> int:
    """How many rows of nothing but what was erased are in one build and not in another."""
    count, ids = 0, list[str]()

    async def counted() -> int:
        there = {row["_id"] async for row in new.find({"_id": {"$in": ids}}, {"_id": 1})}
        lacking = {"_id": {"$in": [each for each in ids if each not in there]}}
        return sum([_says_nothing(row, erased) async for row in old.find(lacking, {"facts": 1})])

    async for row in old.find({}, {"_id": 1}):
        ids.append(row["_id"])
        if len(ids) == AT_ONCE:
            count += await counted()
            ids.clear()
    return count + await counted()


def _says_nothing(row: Row, erased: Collection[str]) -> bool:
    facts = [each for group in row.get("facts", {}).values() for each in group.items()]
    return all(is_gone(said) or from_field_name(name) in erased for name, said in facts)


async def _no_district_lacks(view: View, own: Database, old: Generation, new: Generation) -> None:
    """Whatever was lost: who has rows keeps some."""
    for each in view.collections:
        if each == TODOS:  # what the lost time asked for may be all that a district had
            continue
        known = await own[old.collection(each)].distinct("district")
        lacking = set(known).difference(await own[new.collection(each)].distinct("district"))
        if lacking:
            raise Stop(
                Exit.REFUSED,
                f"{new.name}: the new build has no rows of {', '.join(sorted(lacking))}, so a "
                "district's token is missing; nothing was changed",
            )


def _prepare(
    view: View, own: Database, views: MongoViews
) -> Callable[[Generation], Awaitable[None]]:
    async def indexes(generation: Generation) -> None:
        if view.service == "insights" and CARDS in view.collections:
            await MongoCards(own, views).ensure_indexes(generation)
        if TIMELINE in view.collections:
            await MongoTimelines(own, views).ensure_indexes(generation)
        if TODOS in view.collections:
            await MongoTodos(own, view.projection.group).ensure_indexes(generation)

    return indexes
