"""Who looked at whose data: one line in the log for each decision of access about people's data
that is not the caller's own, and a look in the book (`access.book`) for each person concerned. They
say who asked, for what and about whom, never what was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.access.book import NOBODY, LookBook
from services.access.decision import purpose_refused
from services.access.registered import limitation
from services.chassis.call import Call
from services.chassis.kernel import Fault
from services.chassis.logs import unsilenced

log = unsilenced()

MOST_GRANTS = 100  # that a line names
ALLOWED, REFUSED = "allowed", "refused"
JOURNAL = "journal"  # the kind of what is about everybody
Grants = Collection[str] | Mapping[str, str]


def tell(
    call: Call,
    about: str,
    decision: str,
    *,
    relation: str = "",
    grant: str = "",
    grants: Grants = (),
    subjects: Collection[str] = (),
    others: Collection[str] | None = None,
    book: LookBook | None = None,
) -> None:
    """Write the line `access_decision`, unless it was written of this call with this decision: a
    command that is tried again asks again, and so does a stream. `about`: the kind of resource;
    without one it is about nobody, and nothing is written. `grant`: the id of that which let her
    in, where it took one; `grants`, of many, of those that it took for some of them, by person
    where it is known for whom. `subjects`:
    the ids of those whom it is about, `others`: of those who were shown in an answer about many, of
    whom the line says how many. All of them go into the `book`. Who has no account is
    not followed: a line would tell how many have answered. Raises Fault OVERLOADED where the book
    has no room for what would be granted, and then nothing may be."""
    principal = call.principal
    if not about or not principal.id or call.told == decision:
        return
    people = {*subjects, *(others or ())}
    bulk = bool(principal.partner) and about == JOURNAL and decision == ALLOWED
    if book is not None and (people or principal.purpose or bulk):
        by = grants if isinstance(grants, Mapping) else dict.fromkeys(people, grant)
        _note(book, call, about, decision, relation, people, by)
    call.told = decision
    said = {
        "viewer_id": principal.person,
        "partner_id": principal.partner,
        "relation": relation,
        "grant_id": grant,
        "grant_ids": sorted(filter(None, _ids(grants)))[:MOST_GRANTS],
        "subject_ids": list(subjects),
        "count": None if others is None else len(set(others)),
    }
    log.info(
        "access_decision",
        district_id=call.district,
        operation=call.operation,
        kind=about,
        decision=decision,
        **{name: value for name, value in said.items() if value not in ("", [], None)},
    )


def _ids(grants: Grants) -> Collection[str]:
    return set(grants.values()) if isinstance(grants, Mapping) else grants


def _note(
    book: LookBook,
    call: Call,
    about: str,
    decision: str,
    relation: str,
    people: Collection[str],
    grants: Mapping[str, str],
) -> None:
    """What is refused is not refused otherwise because it can not be recorded."""
    by: dict[str, list[str]] = {}
    for each in people or (NOBODY,):
        by.setdefault(grants.get(each, ""), []).append(each)
    for grant, some in by.items():
        try:
            book.note(call, about, decision, relation, grant, some)
        except Fault:
            if decision == ALLOWED:
                raise


def tell_journal(book: LookBook, call: Call, granted: bool) -> None:
    """A journal holds what everybody's data was and is: only partners read one. Raises Fault
    FORBIDDEN of one that would, for another purpose."""
    refused = bool(call.principal.purpose)
    relation = "scope" if granted and not refused else ""
    tell(call, JOURNAL, ALLOWED if relation else REFUSED, relation=relation, book=book)
    if granted and refused:
        raise purpose_refused()
    if call.principal.limited and not granted:
        raise limitation(call.principal.limited)


@dataclass(frozen=True, slots=True)
class LookAtMany:
    """A look at many people's data that was granted, and is not decided before `shown` has
    been told."""

    call: Call
    about: str
    relation: str
    grant: str = ""
    book: LookBook | None = None

    def shown(self, people: Collection[str] | None, grants: Grants = ()) -> None:
        """Mark the call decided. `people`: whom the answer shows, with the caller where it does;
        None where it goes on and nobody can know. Of nobody else there is no line. `grants`: as
        `tell` takes them. Raises Fault OVERLOADED as `tell`."""
        others = None if people is None else set(people) - {self.call.principal.person}
        if others != set():
            tell(
                self.call,
                self.about,
                ALLOWED,
                relation=self.relation,
                grant=self.grant,
                grants=grants,
                others=others,
                book=self.book,
            )
        self.call.decided = True
