"""What the roster keeps of people, for records requests: see `assembly.personal_records`."""

from __future__ import annotations

from collections.abc import Sequence

from services.assembly.parts import PortParts
from services.assembly.personal_records.reading import PersonalKind
from services.roster.class_.codec import CLASSES
from services.roster.cover.codec import COVERS
from services.roster.experience.codec import EXPERIENCES
from services.roster.grant.codec import GRANTS
from services.roster.match.cases import BY_DATE
from services.roster.match.codec import MATCHES
from services.roster.person.codec import PEOPLE


def kept_of_people(parts: PortParts) -> Sequence[PersonalKind]:
    return (
        PersonalKind(PEOPLE, parts.path(PEOPLE)),
        PersonalKind(MATCHES, parts.path(MATCHES), BY_DATE),
        PersonalKind(GRANTS, parts.path(GRANTS)),
        PersonalKind(COVERS, parts.path(COVERS)),
        PersonalKind(EXPERIENCES, parts.path(EXPERIENCES)),
        PersonalKind(CLASSES, parts.path(CLASSES)),
    )
