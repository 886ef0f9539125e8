"""A strategy: something to try in class, with moves that have names, its source and license.

Whoever works in the district writes her own, which nobody else sees until she publishes it for the
district. A published one never changes silently: what it said before stays, with the reason. It is
retired, not deleted, so that a trial goes on naming what was tried.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_STRATEGIES = 2_000  # of a district, private ones too, without those that were withdrawn
MOST_OWN_STRATEGIES = 200  # written by one person, likewise
MOST_WRITTEN = 1_000  # by one person, with those that were withdrawn
MOST_TAGS = 10
MOST_MOVES = 12
MOST_STRATEGY_REVISIONS = 30


class StrategyState(enum.StrEnum):
    PRIVATE = "private"  # its author's alone
    PUBLISHED = "published"
    RETIRED = "retired"  # not for new trials
    WITHDRAWN = "withdrawn"  # a private one that should not have been


SHOWN_TO_ALL = (StrategyState.PUBLISHED, StrategyState.RETIRED)


class StrategyEvent(enum.StrEnum):
    WRITTEN = "written"
    REVISED = "revised"
    PUBLISHED = "published"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class StrategySays:
    """What a strategy says. `tags` are codes of the district's own, `moves` lines: what is done,
    by a name that coach and teacher both use. `source` may be empty."""

    title: str
    about: str
    tags: tuple[str, ...]
    moves: tuple[str, ...]
    source: str
    license: str

    def check(self) -> None:
        """Raises INVALID, at its place, for a tag or move that stands there twice."""
        detail = "It stands there twice."
        for index in _repeated(self.tags):
            raise invalid("tag_repeated", detail, f"/tags/{index}")
        for index in _repeated(self.moves):
            raise invalid("move_repeated", detail, f"/moves/{index}")


def _repeated(said: Sequence[str]) -> Iterator[int]:
    return (index for index, each in enumerate(said) if each in said[:index])


@dataclass(frozen=True, slots=True)
class StrategyRevision:
    """What it said before it was revised, by whom, when and why."""

    number: int
    said: StrategySays
    reason: str
    by: str
    at: datetime


@dataclass(kw_only=True)
class StrategyOutline(Aggregate):
    """A strategy without what it said before. `revision`: 1 at first, 1 more with each revision.
    `transferred_from`: whose it was before two records of its author became one, or were parted
    again."""

    author: str
    says: StrategySays
    written_at: datetime
    state: StrategyState = StrategyState.PRIVATE
    revision: int = 1
    published_at: datetime | None = None
    closed_at: datetime | None = None
    transferred_from: str = ""

    def visible_to(self, person: str) -> bool:
        """Of lists the store is asked the same by `seen_by`."""
        return self.state in SHOWN_TO_ALL or person == self.author

    def check_revise(self, by: str, in_charge: bool) -> None:
        """Whether it may be said otherwise: by its author, and by whoever is `in_charge` of it,
        which the caller makes sure of. Raises what the refusal is, as all rules do."""
        self._author_only(by, in_charge)
        if self.state not in (StrategyState.PRIVATE, StrategyState.PUBLISHED):
            raise conflict("strategy_closed", "The strategy is retired and does not change.")
        if self.revision > MOST_STRATEGY_REVISIONS:
            raise Fault(Kind.LIMITED, "too_many_revisions", "Retire it and write another.")

    def check_private(self, by: str, at: datetime) -> None:
        """Whether it may be published or withdrawn: by its author, while it is hers alone."""
        self._author_only(by)
        if self.state is not StrategyState.PRIVATE:
            raise conflict("not_private", "Only a private strategy is published or withdrawn.")

    def check_retire(self, by: str, in_charge: bool) -> None:
        self._author_only(by, in_charge)
        if self.state is not StrategyState.PUBLISHED:
            raise conflict("strategy_not_published", "Only a published strategy is retired.")

    def check_offered(self, to: Sequence[str], place: str) -> None:
        """Whether it can be tried or offered: a published one by all, a private one where its
        author alone is meant. Raises INVALID, at a place of the request."""
        private = self.state is StrategyState.PRIVATE and set(to) == {self.author}
        if self.state is StrategyState.RETIRED:
            raise invalid("strategy_retired", "The strategy is retired: choose another.", place)
        if not private and self.state is not StrategyState.PUBLISHED:
            raise unknown_strategy(place)

    def _author_only(self, by: str, in_charge: bool = False) -> None:
        if by != self.author and not in_charge:
            raise Fault(Kind.FORBIDDEN, "author_only", "Only its author changes a strategy.")


def unknown_strategy(place: str) -> Fault:
    return invalid("unknown_strategy", "There is no such strategy for all who are meant.", place)


@dataclass(kw_only=True)
class StrategySummary(StrategyOutline):
    """What a list shows of a strategy."""


@dataclass(kw_only=True)
class Strategy(StrategyOutline):
    """`earlier`: what it said before, oldest first; nothing of before it was published, once it
    is."""

    earlier: tuple[StrategyRevision, ...] = ()

    def written(self) -> Strategy:
        """With its first event. Raises INVALID as `StrategySays.check`."""
        self.says.check()
        self.record(StrategyEvent.WRITTEN)
        return self

    def revise(
        self, says: StrategySays, reason: str, by: str, at: datetime, in_charge: bool = False
    ) -> None:
        """Say all of it anew; the same again changes nothing."""
        self.check_revise(by, in_charge)
        says.check()
        if says == self.says:
            return
        said = StrategyRevision(self.revision, self.says, reason, by, at)
        self.earlier = (*self.earlier, said)
        self.revision += 1
        self.says = says
        self.record(StrategyEvent.REVISED)

    def publish(self, by: str, at: datetime) -> None:
        """Let the whole district see and try a private strategy; its author only. What it said
        while it was hers alone is forgotten, with her reasons: `revision` counts on, so that
        what a trial of hers names is nothing else."""
        self.check_private(by, at)
        self.earlier = ()
        self.state, self.published_at = StrategyState.PUBLISHED, at
        self.record(StrategyEvent.PUBLISHED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back a private strategy that should not have been; its author only."""
        self.check_private(by, at)
        self.state, self.closed_at = StrategyState.WITHDRAWN, at
        self.record(StrategyEvent.WITHDRAWN)

    def retire(self, by: str, at: datetime, in_charge: bool = False) -> None:
        """See `check_retire`. Trials that name it go on."""
        self.check_retire(by, in_charge)
        self.state, self.closed_at = StrategyState.RETIRED, at
        self.record(StrategyEvent.RETIRED)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        before = self.author
        self.earlier = tuple(
            replace(each, by=to) if each.by == before else each for each in self.earlier
        )
        self.transferred_from, self.author = before, to
        self.record(StrategyEvent.TRANSFERRED)
