"""Whom a thing is about, as who may see it is decided by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.access.decision import SharedWith
from services.chassis.call import Principal


@dataclass(frozen=True, slots=True)
class About:
    """Whom a thing is about: `teacher`, whose it is, `parties`, who are named in it, `class_id`,
    whose teachers of today are parties, too. `visible_to`: a rule of the thing itself, by which it
    is hidden from some whom a policy admits. `shared`: by which else one may read it. `partner`:
    the only partner whose program may be shown it; empty: any that the policy admits."""

    teacher: str | None = None
    parties: tuple[str, ...] = ()
    class_id: str = ""
    visible_to: Callable[[str], bool] | None = None
    shared: SharedWith | None = None
    partner: str = ""

    def hidden_from(self, principal: Principal) -> bool:
        """Whether it is not to be seen by a caller, whatever its policy says."""
        if self.visible_to is not None and not self.visible_to(principal.person):
            return True
        return bool(self.partner and principal.partner) and principal.partner != self.partner
