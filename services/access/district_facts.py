"""What the access view knows of a district rather than of a person: its data-use policy, and with
what its partners are registered."""

from __future__ import annotations

from dataclasses import replace

from services.access.facts import PARTNERS, POLICIES, PartnerFact, PolicyFact
from services.chassis.views.facts import Tell
from services.chassis.views.projection import Row, is_marked


def in_force(row: Row, tell: Tell) -> PolicyFact | None:
    """The newest version, whichever came last. Where one cannot be read, one that nobody can have
    acknowledged stands for it; who may read what stays as the newest says that can be read."""
    unread: list[Exception] = []
    known = POLICIES.all_in(row, "policies", unread.append)
    list(map(tell, unread))
    newest = max(known, key=lambda each: each.number, default=None)
    if unread or row.get("incomplete"):
        return replace(newest or PolicyFact("", 0, "", True), statement="", acknowledge=True)
    return newest


def registered(row: Row, tell: Tell) -> PartnerFact | None:
    """Of which an event could not be read, it opens nothing."""
    known = next(iter(PARTNERS.all_in(row, "partners", tell)), None)
    if known is not None and is_marked(row, known.id):
        return replace(known, state="")
    return known
