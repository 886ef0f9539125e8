"""The one rule of who coaches whom: by year and grace, by roles that hold, by what was told."""

from __future__ import annotations

from datetime import date

import pytest

from services.access.coaching import (
    admission_of,
    coaches_of,
    counting_years,
    counts,
    hindrance,
    to_be_told,
)
from services.access.districts import District, OwnRoles, Relationships
from services.access.profile import Profile, Role, Tie

DAY = date(2026, 10, 5)  # school year 2027
STRICT, LENIENT = District(), District(administrators_may_coach=True)
TAUGHT = Profile("teacher", True, (Role("teacher", "school-1"),))
LEADING = ("principal", "siteAdministrator", "districtAdministrator", "systemAdministrator")


def somebody(*roles: Role, active: bool = True) -> Profile:
    return Profile("coach", active, roles)


def holding(*names: str) -> Profile:
    return somebody(*(Role(name, "school-1") for name in names))


def why(coach: Profile | None, district: District = STRICT) -> str:
    fault = hindrance(coach, TAUGHT, DAY, district)
    return fault.code if fault else ""


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 6, 30), False),  # agreed for the coming year, which has not begun
        (date(2026, 7, 1), True),
        (date(2027, 6, 30), True),
        (date(2027, 7, 1), True),  # in the grace
        (date(2027, 8, 31), True),
        (date(2027, 9, 1), False),
        (date(2028, 8, 1), False),
    ],
)
def test_a_relationship_counts_in_its_year_and_the_grace(day: date, expected: bool) -> None:
    assert counts(2027, day, STRICT) is expected


def test_the_grace_is_the_districts() -> None:
    short = District(relationships=Relationships(grace_until="06-30"))
    assert counts(2027, date(2027, 6, 30), short)
    assert not counts(2027, date(2027, 7, 1), short)
    long = District(relationships=Relationships(grace_until="12-31"))
    assert counts(2027, date(2027, 12, 31), long)
    assert not counts(2027, date(2028, 1, 1), long)


def test_one_of_2015_opens_nothing_today() -> None:
    assert coaches_of(True, [Tie("coach", 2015)], counting_years(DAY, STRICT)) == {}


def test_whom_a_teacher_lets_in() -> None:
    ties = [Tie("a", 2027), Tie("b", 2027, active=False), Tie("c", 2028), Tie("d", 0)]
    assert coaches_of(True, ties, counting_years(DAY, STRICT)) == {"a": ties[0]}
    assert coaches_of(False, ties, counting_years(DAY, STRICT)) == {}  # she has left the roster


def test_in_the_grace_the_newer_of_two_counts() -> None:
    old, new = Tie("a", 2027, told=True), Tie("a", 2028)
    for ties in ([old, new], [new, old]):
        assert coaches_of(True, ties, counting_years(date(2027, 8, 1), STRICT)) == {"a": new}


@pytest.mark.parametrize("role", ["ext:coach", "ext:instructionalCoach", "teacher"])
def test_a_coaching_role_or_for_peers_a_teaching_role_will_do(role: str) -> None:
    assert why(holding(role)) == ""
    assert admission_of(holding(role), DAY, STRICT).admits(Tie("coach", 2027), TAUGHT)


@pytest.mark.parametrize("role", [*LEADING, "aide", "counselor", "proctor"])
def test_no_other_role_will_do(role: str) -> None:
    for district in (STRICT, LENIENT):
        assert why(holding(role), district) == "not_a_coach"
        assert not admission_of(holding(role), DAY, district).admits(
            Tie("coach", 2027, told=True), TAUGHT
        )


@pytest.mark.parametrize("role", LEADING)
def test_who_leads_and_teaches_is_nobodys_peer(role: str) -> None:
    assert why(holding(role, "teacher"), LENIENT) == "not_a_coach"


@pytest.mark.parametrize("role", LEADING)
def test_who_leads_coaches_with_role_leave_and_word_alone(role: str) -> None:
    both = holding(role, "ext:coach")
    untold, told = Tie("coach", 2027), Tie("coach", 2027, told=True)
    assert why(both, STRICT) == "administrators_may_not_coach"
    assert not admission_of(both, DAY, STRICT).admits(told, TAUGHT)
    assert why(both, LENIENT) == ""
    assert not admission_of(both, DAY, LENIENT).admits(untold, TAUGHT)
    assert admission_of(both, DAY, LENIENT).admits(told, TAUGHT)


NAMED = OwnRoles(
    leading=("ext:assistantPrincipal", "ext:dean"),
    coaching=("ext:mentor", "ext:literacyCoach"),
    other=("ext:librarian",),
)
UNEXPLAINED = (
    "ext:assistantPrincipal",
    "ext:vicePrincipal",
    "ext:deptChair",
    "ext:superintendent",
    "ext:teacherLeader",
    "ext:librarian",
    "ext:custom-SIS_role.7",
)


@pytest.mark.parametrize("role", UNEXPLAINED)
@pytest.mark.parametrize("by", ["ext:coach", "ext:instructionalCoach", "teacher"])
def test_by_a_role_that_nobody_has_explained_she_may_lead(role: str, by: str) -> None:
    """So the teacher has to know of it; the district's leave is not needed."""
    coach = holding(role, by)
    assert why(coach, STRICT) == ""
    assert to_be_told(coach, DAY, STRICT)
    assert not admission_of(coach, DAY, STRICT).admits(Tie("coach", 2027), TAUGHT)
    assert admission_of(coach, DAY, STRICT).admits(Tie("coach", 2027, told=True), TAUGHT)
    ended = somebody(Role(by, "d"), Role(role, "s", ends="2026-10-04"))
    assert admission_of(ended, DAY, STRICT).admits(Tie("coach", 2027), TAUGHT)


@pytest.mark.parametrize("role", ["ext:assistantPrincipal", "ext:ASSISTANTprincipal", "ext:dean"])
def test_who_leads_by_the_districts_word_is_as_any_other_who_leads(role: str) -> None:
    strict = District(roles=NAMED)
    lenient = District(roles=NAMED, administrators_may_coach=True)
    both, told = holding(role, "ext:coach"), Tie("coach", 2027, told=True)
    assert why(both, strict) == "administrators_may_not_coach"
    assert not admission_of(both, DAY, strict).admits(told, TAUGHT)
    assert admission_of(both, DAY, lenient).admits(told, TAUGHT)
    assert not admission_of(both, DAY, lenient).admits(Tie("coach", 2027), TAUGHT)
    assert why(holding(role, "teacher"), lenient) == "not_a_coach"
    assert not both.administers(DAY)


@pytest.mark.parametrize("role", ["ext:mentor", "ext:Mentor", "ext:literacycoach"])
def test_who_coaches_by_the_districts_word_is_a_coach(role: str) -> None:
    assert why(holding(role), STRICT) == "not_a_coach"
    assert admission_of(holding(role), DAY, District(roles=NAMED)).admits(
        Tie("coach", 2027), TAUGHT
    )


def test_what_is_explained_as_neither_changes_nothing() -> None:
    strict = District(roles=NAMED)
    assert admission_of(holding("ext:Librarian", "ext:coach"), DAY, strict).admits(
        Tie("coach", 2027), TAUGHT
    )
    assert why(holding("ext:librarian"), strict) == "not_a_coach"


def test_roles_hold_on_their_days_alone() -> None:
    ended = somebody(Role("ext:coach", "d", ends="2026-10-04"))
    coming = somebody(Role("ext:coach", "d", begins="2026-10-06"))
    today = somebody(Role("ext:coach", "d", begins="2026-10-05", ends="2026-10-05"))
    assert [why(each) for each in (ended, coming, today)] == ["not_a_coach", "not_a_coach", ""]
    was_principal = somebody(Role("ext:coach", "d"), Role("principal", "s", ends="2026-10-04"))
    assert admission_of(was_principal, DAY, STRICT).admits(Tie("coach", 2027), TAUGHT)


def test_whoever_is_not_in_the_roster_coaches_nobody() -> None:
    assert why(None) == "unknown_coach"
    assert why(somebody(Role("ext:coach", "d"), active=False)) == "unknown_coach"
