"""Who looked at whose data: one line in the log for each decision of access about people's data
that is not the caller's own. It says who asked, for what and about whom, never what was shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.chassis.call import Call
from services.chassis.logs import unsilenced

log = unsilenced()

MOST_GRANTS = 100  # that a line names
ALLOWED, REFUSED = "allowed", "refused"


def tell(
    call: Call,
    about: str,
    decision: str,
    *,
    relation: str = "",
    grant: str = "",
    grants: Collection[str] = (),
    subjects: Collection[str] = (),
    count: int | None = None,
) -> None:
    """Write the line `access_decision`, unless it was written of this call with this decision: a
    command that is tried again asks again, and so does a stream. `about`: the kind of resource;
    without one it is about nobody, and nothing is written. `grant`: the id of that which let her
    in, where it took one; `grants`, of many, of those that it took for some of them. `subjects`:
    the ids of those whom it is about, `count`: how many others were shown. Who has no account is
    not followed: a line would tell how many have answered."""
    principal = call.principal
    if not about or not principal.id or call.told == decision:
        return
    call.told = decision
    said = {
        "viewer_id": principal.person,
        "partner_id": principal.partner,
        "relation": relation,
        "grant_id": grant,
        "grant_ids": sorted(grants)[:MOST_GRANTS],
        "subject_ids": list(subjects),
        "count": count,
    }
    log.info(
        "access_decision",
        district_id=call.district,
        operation=call.operation,
        kind=about,
        decision=decision,
        **{name: value for name, value in said.items() if value not in ("", [], None)},
    )


def tell_journal(call: Call, granted: bool) -> None:
    """A journal holds what everybody's data was and is: only partners read one."""
    relation = "scope" if granted else ""
    tell(call, "journal", ALLOWED if granted else REFUSED, relation=relation)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at many people's data that was granted, and is not decided before `shown` has
    been told."""

    call: Call
    about: str
    relation: str
    grant: str = ""

    def shown(self, others: int | None, grants: Collection[str] = ()) -> None:
        """Mark the call decided. `others`: how many people besides the caller the answer shows;
        None where it goes on and nobody can know. Of nobody there is no line. `grants`: as `tell`
        takes them."""
        if others != 0:
            tell(
                self.call,
                self.about,
                ALLOWED,
                relation=self.relation,
                grant=self.grant,
                grants=grants,
                count=others,
            )
        self.call.decided = True
