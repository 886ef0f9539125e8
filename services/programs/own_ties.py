"""Who coaches whom, as this service has stored it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.access.shown import Tie
from services.chassis.kernel import Fault, if_there
from services.chassis.write.loading import UNREADABLE
from services.chassis.write.write_path import WritePath
from services.programs.relationship.domain import Relationship
from services.programs.relationship.outline import Work

_KINDS: Mapping[Work, str] = {
    Work.GOALS: "goal",
    Work.OBSERVATIONS: "observation",
    Work.SURVEYS: "administration",
}


class OwnTies:
    """Over what the access view says. What was ended or narrowed counts no more from then on,
    though the event of it has not come back by Kafka; what has begun or was widened does not
    count before, as anywhere. Of what this build cannot read the access view alone decides: while
    another version is rolled out nobody is kept out of her work."""

    def __init__(self, relationships: WritePath[Relationship]) -> None:
        self._relationships = relationships

    async def of(self, district: str, teacher: str, tie: Tie) -> Tie | None:
        """See `access.known.TiesAsStored`."""
        parts = (tie.coach, teacher, str(tie.school_year))
        id_ = self._relationships.derived_id(district, *parts)
        try:
            stored = await if_there(self._relationships.get(district, id_))
        except Fault as fault:
            if fault.code not in UNREADABLE:
                raise
            return tie
        if stored is None or not stored.active:
            return None
        shown = frozenset(_KINDS[each] for each in stored.coach_sees)
        return replace(tie, sees=tie.sees & shown)
