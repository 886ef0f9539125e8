"""A projector: records in, rows out, one transaction a batch.

The order of steps was checked on a model. On assignment: drop the cached rows, claim the
fences, seek, and only then load rows. Rows, parked messages and positions change in one
transaction. Whenever that does not commit: drop the cache and what was read, claim again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.chassis.backoff import Backoff
from services.chassis.clock import due
from services.chassis.crash_points import crash_point
from services.chassis.kernel import Clock
from services.chassis.log.source import Positions, Source, SourceDown, left
from services.chassis.log.stall import Stall
from services.chassis.rounds import Beat, rest, until_stopped
from services.chassis.tracing import NO_SPANS, Tracer
from services.chassis.troubles import Troubles
from services.chassis.views.batch import Batcher, Limits
from services.chassis.views.intake import Intake
from services.chassis.views.lot import Lot
from services.chassis.views.ownership import Ownership, owned_of
from services.chassis.views.projection import Projection
from services.chassis.views.rows import Generation, Outcome, StoreDown, Superseded, Terms, Views

log = logging.getLogger(__name__)
REDRIVEN = 50  # parked messages that are tried again between two rounds


@dataclass(slots=True)
class ProjectorCounts:
    """What a projector has done since it started."""

    records: int = 0
    ignored: int = 0
    parked: int = 0
    failed: int = 0
    unkept: int = 0
    batches: int = 0
    rows: int = 0
    loaded: int = 0
    fenced: int = 0
    unknown: int = 0
    claims: int = 0
    aside: int = 0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    wait: float = 0.5
    tick: float = 1.0
    reread: float = 30.0
    save: float = 5.0
    stall: float = 60.0
    backoff: tuple[float, float] = (0.1, 5.0)


@dataclass
class Projector:
    """One member of a projection's group. `run` ends when `stop` is set, or with an
    exception that no retry mends: ParkingLimit, TopicsDiffer, HistoryLost, SourceStalled."""

    source: Source
    views: Views
    projection: Projection
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    counts: ProjectorCounts = field(default_factory=ProjectorCounts)
    troubles: Troubles = field(default_factory=Troubles)
    tracer: Tracer = NO_SPANS
    pinned: Generation | None = None  # a build that is not flipped to yet

    def __post_init__(self) -> None:
        kept = self.limits, self.counts, self.troubles, self.tracer
        self._batcher = Batcher(self.projection, self.views, self.clock, *kept)
        self._intake = Intake(self.source, self.projection, self.limits)
        self._owned: Ownership | None = None  # None: claim before anything else
        self._joined = False
        self._backoff = Backoff(*self.timing.backoff)
        self.beat = Beat()
        start = self.clock.now()
        self._ticked = start - timedelta(days=1)
        self._reread = self._saved = start
        self._stall = Stall(f"projector {self.projection.group}", start)
        self._reported = self._ticked

    @property
    def owned(self) -> frozenset[int]:
        """The partition numbers claimed now."""
        return frozenset(self._owned.positions) if self._owned else frozenset()

    @property
    def met_tombstones(self) -> bool:
        return self._batcher.met_tombstones

    @property
    def silent(self) -> frozenset[int]:
        """Of the partition numbers claimed those of which the log says nothing now: they are
        waited for, and nobody else could serve them."""
        return self.owned & self.source.silent

    async def run(self, stop: asyncio.Event) -> None:
        """After `stop` the batch under way has 3 s; all is over within 9 s, whatever engines do.
        Outages of engines are waited out for ever; where one refuses the user, this ends."""
        try:
            await until_stopped(self._rounds(stop), stop)
        finally:
            await self.leave()

    async def leave(self) -> None:
        """Leave the group: bounded."""
        await self._intake.drop()
        await self.source.stop()

    async def _rounds(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.beat.turn()
            try:
                await self.round()
                self._backoff.reset()
            except (StoreDown, SourceDown) as error:
                log.warning("projector %s waits: %s", self.projection.group, error)
                self.forget(error)
                await rest(stop, self._backoff.next())
            except Superseded as error:
                await self._stand_aside(error, stop)

    def positions(self) -> Positions:
        """The next offsets by partition number and topic; empty when it owns nothing."""
        return self._owned.positions if self._owned is not None else {}

    def forget(self, error: StoreDown | SourceDown) -> None:
        """After a failed round: trust nothing in memory any more, and join anew where it
        was the source that failed."""
        self._joined = self._joined and not isinstance(error, SourceDown)
        self._owned = None

    async def round(self) -> None:
        """Claim if need be, then fetch and project once. Raises StoreDown or SourceDown,
        after which the caller must `forget`: `run` does."""
        if self._owned is None:
            await self._intake.drop()
        if not self._joined:
            await self.source.start()
            self._joined = True
            self._stall.begins(self.clock.now())
            self._owned = None
        if self._owned is None:
            self._owned = await self._claim()
        owned = self._owned
        lot = await self._intake.next(owned, self.timing.wait)
        if lot is None:
            self._owned = None
            return
        if lot.records:
            self._intake.read_ahead(owned, self.timing.wait)
            await self._project(owned, lot)
        if self._owned is not None:
            await self._tick(self._owned)
        self._watch()

    def caught_up(self, ends: Positions) -> bool:
        """Whether this member owns all these partition numbers and has read up to these ends."""
        positions = self.positions()
        return positions.keys() >= ends.keys() and not left(positions, ends)

    async def _generation(self) -> Generation:
        return self.pinned or await self.views.generation(self.projection.group)

    async def _claim(self) -> Ownership:
        self._batcher.drop()
        numbers = self.source.take_assignment()
        generation = await self._generation()
        if self.projection.topics_version > 1:
            await self._look_ahead(generation, numbers)
        terms = Terms(self.source.partitions, self.projection.topics_version)
        fences = await self.views.claim(generation.group, numbers, terms)
        self.counts.claims += 1
        await self.views.drop_unwanted(generation, self.projection.collections)
        owned = await owned_of(self.views, generation, fences)
        await self.source.seek(owned.positions)
        self._reread = self.clock.now()
        self._stall.begins(self._reread)
        return owned

    async def _look_ahead(self, generation: Generation, numbers: frozenset[int]) -> None:
        """Raises HistoryLost where the topics can not be read on from what members with an older
        list have stored: before they are told to stand aside, for they can."""
        known = await self.views.fences(generation.group, numbers)
        if any(one.topics < self.projection.topics_version for one in known.values()):
            await self.source.seek({number: one.positions for number, one in known.items()})

    async def _project(self, owned: Ownership, lot: Lot) -> None:
        for part in self._batcher.parts(lot):
            outcome = await self._batcher.write(owned, part)
            if outcome is not Outcome.COMMITTED:
                self._owned = None
                self._batcher.drop()
                if outcome is Outcome.UNKNOWN:
                    raise StoreDown("the outcome of a batch is unknown")
                return
            crash_point("C3")

    async def _report(self, owned: Ownership) -> None:
        as_of: dict[int, datetime] = {}
        for number, positions in owned.positions.items():
            instant = self.source.caught_up_at(number, positions)
            if instant is not None:
                as_of[number] = instant
        if as_of:
            await self.views.report(owned.generation.group, self.source.partitions, as_of)

    async def _tick(self, owned: Ownership) -> None:
        """What is due about once a second, in a few small commands."""
        now = self.clock.now()
        if not due(self._ticked, self.timing.tick, now):
            return
        self._ticked = now
        group = owned.generation.group
        if self.projection.dated and due(self._reported, self.projection.dated, now):
            self._reported = now
            await self._report(owned)
        self.source.show(owned.positions)
        if await self._generation() != owned.generation:
            self._owned = None
            return
        if owned.parked or owned.beyond:
            asked = owned.due[:REDRIVEN]
            wanted = await self.views.to_redrive(group, owned.positions, asked, REDRIVEN)
            owned.tried(asked if len(wanted) < REDRIVEN else [each.id for each in wanted])
            for parked in wanted:
                if await self._batcher.redrive(owned, parked) is not Outcome.COMMITTED:
                    self._owned = None
                    return
        if owned.unsaved and due(self._saved, self.timing.save, now):
            self._saved = now
            if await self._batcher.save(owned) is not Outcome.COMMITTED:
                self._owned = None
                return
        if due(self._reread, self.timing.reread, now):
            self._reread = now
            if owned.beyond:  # which are settled unheard of
                owned.count(await self.views.count_parked(group, owned.positions))
            fences = await self.views.fences(group, owned.positions)
            if {number: one.rev for number, one in fences.items()} != owned.revs:
                self._owned = None

    def _watch(self) -> None:
        """See `Stall`. A build waits for nobody."""
        if self._owned is None or not self._owned.positions:
            return
        quiet = self.pinned is None and self.silent == self.owned
        try:
            self._stall.check(self.clock.now(), self.source.fetched_at(), self.timing.stall, quiet)
        except SourceDown:
            self.counts.restarts += 1
            raise

    async def _stand_aside(self, error: Superseded, stop: asyncio.Event) -> None:
        """Out of its group, until it is ended or nothing newer is in the build of the view
        that is in use; asked with 1 read every half minute."""
        log.warning("projector %s stands aside: %s", self.projection.group, error)
        self.counts.aside += 1
        self._owned, self._joined = None, False
        await self.leave()
        while not stop.is_set():
            self.beat.turn()
            await rest(stop, self.timing.reread)
            with contextlib.suppress(StoreDown):
                generation = await self._generation()
                numbers = range(self.source.partitions)
                fences = await self.views.fences(generation.group, numbers)
                if all(one.topics <= self.projection.topics_version for one in fences.values()):
                    return
