"""A relationship stops for a while as soon as one of the two says so, and goes on once each who has
said so says that it does. Meanwhile nothing asks for attention by it; what is shown stays shown,
and what the two may do they still may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import conflict
from services.programs.relationship.outline import (
    RelationshipEvent,
    RelationshipOutline,
    RelationshipState,
)


@dataclass(kw_only=True)
class Pausing(RelationshipOutline):
    def check_pause(self, by: str, at: datetime) -> None:
        if not self.active:
            raise conflict("not_active", "Only an active relationship is paused.")

    def pause(self, by: str, at: datetime) -> None:
        """Stop it for a while, as either side: until then no flag and no due step comes of it."""
        self.check_pause(by, at)
        if by not in self.paused_by:
            self.paused_by = (*self.paused_by, by)
            self.state, self.paused_at = RelationshipState.PAUSED, self.paused_at or at
            self.record(RelationshipEvent.PAUSED)

    def check_resume(self, by: str, at: datetime) -> None:
        if not self.active or by not in self.paused_by:
            raise conflict("not_paused_by_you", "You have not paused it: who has, resumes it.")

    def resume(self, by: str, at: datetime) -> None:
        """Go on, as who has paused it; it does once each who had paused it says so."""
        self.check_resume(by, at)
        self.paused_by = tuple(each for each in self.paused_by if each != by)
        if not self.paused_by:
            self.state, self.paused_at = RelationshipState.ACTIVE, None
            self.resumed_at = at
        self.record(RelationshipEvent.RESUMED)

    def _pause_too(self, other: Pausing) -> bool:
        """What one record of a person has paused, the other has, where both are active: whether
        that is new here."""
        both = tuple(dict.fromkeys((*self.paused_by, *other.paused_by)))
        if both == self.paused_by:
            return False
        began = [each.paused_at for each in (self, other) if each.paused_at is not None]
        self.paused_by, self.paused_at = both, min(began, default=None)
        self.state = RelationshipState.PAUSED
        return True
