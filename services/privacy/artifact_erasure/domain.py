"""An order to erase one thing that is about a person: a goal, say, or a class's survey.

A legal hold on any record of hers outranks it. So it waits first, for longer than a request takes,
and begins once no hold is on any of them. What a service is asked then holds for ten minutes: as
long as it has not said that the thing is gone it is asked again, unless there is a hold since.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict
from services.privacy.erasure.domain import SETTLES, LegalHold, as_written, sha256_of

MOST_WAITING = 100  # orders about one person, by her and by others each


class ArtifactKind(enum.StrEnum):
    GOAL = "goal"
    STRATEGY = "strategy"
    TRIAL = "trial"
    WALK = "walk"
    OBSERVATION = "observation"
    ADMINISTRATION = "administration"
    COACHING_SESSION = "coaching_session"
    PLANNING_ENTRY = "planning_entry"

    @property
    def service(self) -> str:
        """Whose it is."""
        return _SERVICES.get(self, "goals")


_SERVICES = {
    ArtifactKind.OBSERVATION: "observations",
    ArtifactKind.ADMINISTRATION: "surveys",
    ArtifactKind.COACHING_SESSION: "programs",
    ArtifactKind.PLANNING_ENTRY: "programs",
}


class ArtifactErasureState(enum.StrEnum):
    PENDING = "pending"
    UNDER_WAY = "under_way"
    DONE = "done"
    NOT_FOUND = "not_found"
    WITHDRAWN = "withdrawn"


WAITING = (ArtifactErasureState.PENDING, ArtifactErasureState.UNDER_WAY)


class ArtifactErasureEvent(enum.StrEnum):
    ORDERED = "ordered"
    BEGUN = "begun"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    MISSED = "missed"


@dataclass(kw_only=True)
class ArtifactErasure(Aggregate):
    """Of the `artifact` of `kind`, which is about `person`. `own`: she has ordered it herself, and
    it goes only where it is hers alone. `begins_at`: not before. `records`: all of hers when it was
    asked last that it be erased, which was `asked_at`; `since`: when it came to be under way;
    `asked`: the version by which it was asked first, 0 before. `holds`: those on others, of what is
    under way; None else, and where an older build has asked."""

    kind: ArtifactKind
    artifact: str
    person: str
    own: bool
    ordered_by: str
    ordered_at: datetime
    reason: str
    begins_at: datetime
    state: ArtifactErasureState = ArtifactErasureState.PENDING
    records: tuple[str, ...] = ()
    asked: int = 0
    asked_at: datetime | None = None
    since: datetime | None = None
    done_at: datetime | None = None
    erased: int = 0
    holds: tuple[LegalHold, ...] | None = None

    def ordered(self) -> ArtifactErasure:
        """With its first event."""
        self.record(ArtifactErasureEvent.ORDERED)
        return self

    def defer(self, at: datetime) -> None:
        """Somebody is about to place a hold on a record of hers, or has: it is not asked of
        anybody before it was looked for holds once more."""
        if self.state in WAITING:
            self.state, self.since, self.holds = ArtifactErasureState.PENDING, None, None
            self.begins_at = at + SETTLES
            self.record(ArtifactErasureEvent.DEFERRED)

    def begin(
        self,
        records: Sequence[str],
        holds: Sequence[LegalHold],
        looked_at: datetime,
        at: datetime,
    ) -> None:
        """No hold was on any of her records after `looked_at`, and these on others: ask for it, or
        once more. Nothing where a hold on hers may have come since."""
        if self.state not in WAITING or self.begins_at > looked_at:
            return
        self.since = self.since or at
        self.state, self.records, self.asked_at = (
            ArtifactErasureState.UNDER_WAY,
            tuple(records),
            at,
        )
        self.holds, self.asked = tuple(holds), self.asked or self.version + 1
        self.record(ArtifactErasureEvent.BEGUN)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back an order that waits."""
        self.check_withdraw(by, at)
        self.state = ArtifactErasureState.WITHDRAWN
        self.record(ArtifactErasureEvent.WITHDRAWN)

    def check_withdraw(self, by: str, at: datetime) -> None:
        if self.state is not ArtifactErasureState.PENDING:
            raise conflict("not_waiting", "Only an order that waits can be taken back.")

    def confirm(self, service: str, asked: int, erased: int, at: datetime) -> None:
        """A service says what came of what it was asked by version `asked`: how many things it has
        erased, with this one, or 0. Of an order that was asked twice the one may have erased what
        the other did not find any more; nothing that is gone comes back."""
        if service != self.kind.service or not 0 < self.asked <= asked <= self.version:
            return
        if self.state is ArtifactErasureState.DONE:
            return
        if erased or self.state is ArtifactErasureState.UNDER_WAY:
            self.holds = None
        if erased:
            self.state, self.done_at, self.erased = ArtifactErasureState.DONE, at, erased
            self.record(ArtifactErasureEvent.DONE)
        elif self.state is ArtifactErasureState.UNDER_WAY:
            self.state, self.done_at = ArtifactErasureState.NOT_FOUND, at
            self.record(ArtifactErasureEvent.MISSED)

    @property
    def proof(self) -> str:
        """SHA-256, in hex, of what was done, as JSON with sorted keys and without spaces. Empty
        before it is done."""
        if self.state is not ArtifactErasureState.DONE:
            return ""
        assert self.done_at is not None
        said = {
            "district_id": self.district,
            "artifact_erasure_id": self.id,
            "kind": self.kind.value,
            "artifact_id": self.artifact,
            "person_id": self.person,
            "ordered_at": as_written(self.ordered_at),
            "done_at": as_written(self.done_at),
            "erased": self.erased,
        }
        return sha256_of(said)
