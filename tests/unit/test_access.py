"""Deny by default: who is let in, who is not, and what a refusal looks like."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from services.access.access import Access
from services.access.days import Days
from services.access.districts import District, Districts
from services.access.looks import MOST_GRANTS
from services.access.policy import Policy
from services.access.profile import Profile, Role, Tie
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from tests.support.clocks import FakeClock
from tests.support.days import DAYS
from tests.support.directories import OneByOne

TEACHER, COACH, OTHER, ADMIN, LEADER = "teacher-1", "coach-1", "coach-2", "admin-1", "leader-1"


class FixedDirectory(OneByOne):
    def __init__(self, *profiles: Profile) -> None:
        self._profiles = {profile.person: profile for profile in profiles}

    async def profile(self, district: str, person: str) -> Profile | None:
        return self._profiles.get(person) if district == "north" else None


def person(name: str, role: str, *ties: Tie, **more: str) -> Profile:
    return Profile(name, True, (Role(role, "school-1", **more),), ties)


DIRECTORY = FixedDirectory(
    person(TEACHER, "teacher", Tie(COACH, 2027)),
    person("careful", "teacher", Tie(COACH, 2027, sees=frozenset({"goal"}))),
    person(COACH, "ext:coach"),
    person(OTHER, "ext:coach"),
    person(ADMIN, "districtAdministrator"),
    person(LEADER, "principal"),
    Profile("gone", False, (Role("districtAdministrator", "d"),)),
    person("was-admin", "districtAdministrator", ends="2026-01-31"),
)
POLICIES = {
    "read": Policy(teacher=True, coach=True),
    "read_goal": Policy(teacher=True, coach=True, about="goal"),
    "read_observation": Policy(teacher=True, coach=True, about="observation"),
    "read_class": Policy(teacher=True, coach=True, about="class"),
    "arrange": Policy(party=True, district_admin=True),
    "watch": Policy(party=True, about="caseload"),
    "answer": Policy(anonymous=True, about="survey"),
    "import": Policy(district_admin=True, scopes=frozenset({"roster.write"})),
    "look": Policy(staff=True),
    "nothing": Policy(),
}


async def answer(caller: Principal, operation: str, teacher: str | None, *parties: str) -> str:
    call = Call(operation, caller)
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    try:
        await access.allow(call, teacher=teacher, parties=parties)
    except Fault as fault:
        assert not call.decided
        return fault.kind.value
    assert call.decided
    return "yes"


def someone(name: str, district: str = "north") -> Principal:
    return Principal(district, person=name)


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (TEACHER, "yes"),
        (COACH, "yes"),
        (OTHER, "not_found"),
        (ADMIN, "not_found"),
        (LEADER, "not_found"),
    ],
)
async def test_a_teachers_own_things_are_hers_and_her_coachs(caller: str, expected: str) -> None:
    assert await answer(someone(caller), "read", TEACHER) == expected


async def test_a_refused_object_looks_like_a_missing_one() -> None:
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    texts = set()
    for teacher in (TEACHER, "nobody"):
        with pytest.raises(Fault) as caught:
            await access.allow(Call("read", someone(OTHER)), teacher=teacher)
        texts.add((caught.value.kind, caught.value.code, caught.value.detail))
    assert len(texts) == 1


@pytest.mark.parametrize("name", ["gone", "nobody"])
async def test_who_is_not_active_in_the_roster_may_nothing(name: str) -> None:
    assert await answer(someone(name), "look", None) == Kind.FORBIDDEN.value


async def test_a_role_that_has_ended_grants_nothing() -> None:
    assert await answer(someone("was-admin"), "import", None) == "forbidden"
    assert await answer(someone(ADMIN), "import", None) == "yes"


@pytest.mark.parametrize(("zone", "expected"), [("UTC", "forbidden"), ("Pacific/Honolulu", "yes")])
async def test_a_role_holds_to_the_end_of_its_last_day_in_the_district(
    zone: str, expected: str
) -> None:
    days = Days(Districts({"north": District(time_zone=zone)}))
    evening = FakeClock(datetime(2026, 2, 1, 9, 59, tzinfo=UTC))  # January 31 in Honolulu
    access = Access(POLICIES, DIRECTORY, evening, days)
    try:
        await access.allow(Call("import", someone("was-admin")))
        answered = "yes"
    except Fault as fault:
        answered = fault.kind.value
    assert answered == expected


async def test_parties_of_an_object_and_the_district_arrange_it() -> None:
    assert await answer(someone(COACH), "arrange", None, COACH, TEACHER) == "yes"
    assert await answer(someone(ADMIN), "arrange", None, COACH, TEACHER) == "yes"
    assert await answer(someone(OTHER), "arrange", None, COACH, TEACHER) == "not_found"


async def test_a_partner_needs_the_scope_and_gets_nothing_else() -> None:
    partner = Principal("north", partner="sis", scopes=frozenset({"roster.write"}))
    assert await answer(partner, "import", None) == "yes"
    assert await answer(partner, "read", TEACHER) == "forbidden"  # of whomever: nothing is told
    assert await answer(partner, "look", None) == "forbidden"


async def test_what_is_hidden_is_hidden_from_a_partner_with_the_scope() -> None:
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    partner = Principal("north", partner="sis", scopes=frozenset({"roster.write"}))
    with pytest.raises(Fault) as caught:
        await access.allow(Call("import", partner), teacher=TEACHER, hidden=True)
    assert caught.value.kind is Kind.NOT_FOUND


async def test_a_refused_partner_is_told_which_scope_is_needed() -> None:
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    partner = Principal("north", partner="sis", scopes=frozenset({"roster.read"}))
    for operation, code, needed in (
        ("import", "scope_missing", "the scope roster.write."),
        ("look", "forbidden", "whatever scope."),
    ):
        for teacher in (None, TEACHER, "nobody"):
            with pytest.raises(Fault) as caught:
                await access.allow(Call(operation, partner), teacher=teacher)
            assert (caught.value.code, caught.value.kind) == (code, Kind.FORBIDDEN)
            assert caught.value.detail.endswith(needed)


async def test_another_district_knows_nobody_here() -> None:
    assert await answer(someone(TEACHER, "south"), "read", TEACHER) == "forbidden"


async def test_a_policy_that_grants_nothing_grants_nothing() -> None:
    for name in (TEACHER, COACH, ADMIN, LEADER):
        assert await answer(someone(name), "nothing", TEACHER, name) == "not_found"


async def test_a_stream_that_asks_again_is_told_once_and_once_more_when_it_is_refused() -> None:
    profiles = {COACH: person(COACH, "ext:coach")}
    access = Access(POLICIES, FixedDirectory(*profiles.values()), FakeClock(), DAYS)
    call = Call("watch", someone(COACH))
    with capture_logs() as lines:
        look = await access.allow_many(call, parties=(COACH,))
        decided = [call.decided]
        look.shown(None)
        decided.append(call.decided)
        for _ in range(3):
            await access.allow_many(call, parties=(COACH,))
    assert decided == [False, True]
    assert [each["decision"] for each in lines] == ["allowed"]
    nobody = Access(POLICIES, FixedDirectory(), FakeClock(), DAYS)
    with capture_logs() as lines, pytest.raises(Fault):
        await nobody.allow_many(call, parties=(COACH,))
    assert [each["decision"] for each in lines] == ["refused"]


async def test_of_many_of_whom_nobody_was_shown_there_is_no_line() -> None:
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    call = Call("watch", someone(COACH))
    with capture_logs() as lines:
        (await access.allow_many(call, parties=(COACH,))).shown((COACH,))
    assert call.decided
    assert lines == []


async def test_a_line_names_no_more_grants_than_it_may() -> None:
    access = Access(POLICIES, DIRECTORY, FakeClock(), DAYS)
    grants = {f"g{number:03}" for number in range(MOST_GRANTS + 1)}
    with capture_logs() as lines:
        (await access.allow_many(Call("watch", someone(COACH)), parties=(COACH,))).shown(
            (TEACHER,), grants
        )
    assert lines[0]["grant_ids"] == sorted(grants)[:-1]


async def test_who_answers_without_an_account_is_not_followed() -> None:
    with capture_logs() as lines:
        assert await answer(Principal("north"), "answer", TEACHER) == "yes"
    assert lines == []


@pytest.mark.parametrize(
    ("operation", "whose", "expected"),
    [
        ("read_observation", TEACHER, "yes"),
        ("read_goal", "careful", "yes"),
        ("read_class", "careful", "yes"),
        ("read_observation", "careful", "not_found"),
    ],
)
async def test_a_coach_sees_of_a_teachers_work_what_the_teacher_shows(
    operation: str, whose: str, expected: str
) -> None:
    assert await answer(Principal("north", person=COACH), operation, whose) == expected
    assert await answer(Principal("north", person=whose), operation, whose) == "yes"
