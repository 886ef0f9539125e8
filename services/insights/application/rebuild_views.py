from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from services.chassis.canonical import digest
from services.chassis.documents import JournalEntry
from services.chassis.rebuild import Rebuild
from services.chassis.rows import Generation
from services.chassis.source import Positions, Source
from services.insights.application.projections.reading import CARDS


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The build that is read now and the one that was, which is kept. Digests are equal
    where the cards are; a difference is what the old ones had wrong, or what was published
    between the two looks."""

    generation: Generation
    cards: int
    digest: str
    before: Generation
    cards_before: int
    digest_before: str


async def rebuild_views(
    rebuild: Rebuild,
    journals: AsyncIterator[Sequence[JournalEntry]],
    noted: Positions,
    source: Source,
) -> Rebuilt:
    """Build all views anew from the journals beside the ones in use, catch up with the
    topics, and let everybody read the new ones. `noted` are the topics' positions from
    before the first journal was read. Raises RebuildFailed: then nothing has changed."""
    views = rebuild.views
    before = await views.generation(rebuild.projection.group)
    made = await rebuild.fold_journals(journals, noted)
    await rebuild.catch_up(made, source)
    cards_before, digest_before = await digest(views.scan(before, CARDS))
    cards, new = await digest(views.scan(made, CARDS))
    await views.flip(made)
    return Rebuilt(made, cards, new, before, cards_before, digest_before)
