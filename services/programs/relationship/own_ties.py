"""The relationships of a coach and a teacher as this service has stored them."""

from __future__ import annotations

from collections.abc import Sequence

from services.access.profile import Tie
from services.chassis.write.write_path import WritePath
from services.programs.relationship.domain import Acknowledgment, Relationship, RelationshipState

MOST = 200  # one for each school year


class OwnTies:
    """`access.Ties`: 1 database command, by the index on coach and teacher."""

    def __init__(self, relationships: WritePath[Relationship]) -> None:
        self._relationships = relationships

    async def between(self, district: str, coach: str, teacher: str) -> Sequence[Tie]:
        where = {"coach": coach, "teacher": teacher}
        found = await self._relationships.find(district, where, "", MOST)
        return [
            Tie(
                each.coach,
                each.school_year,
                each.state is RelationshipState.ACTIVE,
                Acknowledgment.COACH_LEADS in each.acknowledged,
            )
            for each in found.items
        ]
