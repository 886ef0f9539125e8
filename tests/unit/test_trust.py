"""How long what is known of who may see what is relied on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from services.access.decision import SHARED_WITH, Decision
from services.access.privacy_keys import POLICY_ROW
from services.access.profile import Cover, Profile
from services.access.trust import Trust
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from services.chassis.log.producer import partition_of

COACH = Call("get_goal", Principal("north", person="coach-01"))
PARTNER = Call("get_goal", Principal("north", partner="sis", scopes=frozenset({"goals.read"})))
TEACHER, AWAY, BACK, OTHER = "teacher-0001", "teacher-0002", "teacher-0004", "teacher-0005"
NUMBERS = 12
# by what somebody is let in, and who is named in the thing -> on whose rows that rests
DECISIONS = [
    (Decision("coach"), (), {"coach-01", POLICY_ROW, TEACHER}),
    (Decision("coach", "grant-1"), (), {"coach-01", POLICY_ROW, TEACHER}),
    (Decision("coaching", "grant-1"), (), {"coach-01"}),
    (Decision("records_officer", "grant-1"), (), {"coach-01"}),
    (Decision("party"), (TEACHER,), {"coach-01", AWAY}),  # by a class that she has or covers
    (Decision("party"), ("coach-01", TEACHER), set()),
    (Decision("coaching"), (), set()),
    (Decision("district_admin"), (), set()),
    (Decision("staff"), (), set()),
    (Decision("teacher"), (), set()),
    (Decision(SHARED_WITH, "share-1"), (), set()),
]


def trusted(trust: Trust) -> bool:
    return trust.holds


class Time:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class People:
    """Whoever asks covers for AWAY, and no more for BACK."""

    async def profile(self, district: str, person: str) -> Profile | None:
        days = "2026-01-01", "2026-12-31"
        covers = [
            Cover(f"cover-{whom}", whom == AWAY, whom, frozenset({"class-1"}), *days)
            for whom in (AWAY, BACK)
        ]
        return Profile(person, active=True, covers=tuple(covers))

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        raise AssertionError("nobody asks for many")


def heard(trust: Trust, age: float, **of: float) -> None:
    """All numbers, but those of the people in `of`, are so old."""
    ages = dict.fromkeys(range(NUMBERS), age)
    trust.hear(NUMBERS, ages | {number(person): each for person, each in of.items()})


def number(person: str) -> int:
    return partition_of(f"north:{person}".encode(), NUMBERS)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def trust(time: Time) -> Trust:
    return Trust(60, time)


def test_before_anything_is_heard_it_counts_from_the_beginning(trust: Trust, time: Time) -> None:
    time.now += 59
    assert trusted(trust)
    time.now += 1
    assert not trusted(trust)


def test_where_merely_nothing_has_happened_it_goes_on(trust: Trust, time: Time) -> None:
    for _ in range(100):
        time.now += 5
        heard(trust, 2.0)
        assert trusted(trust)


def test_it_ends_so_long_after_the_view_was_whole(trust: Trust, time: Time) -> None:
    heard(trust, 10.0)
    for age in (30.0, 50.0):
        time.now += 20
        heard(trust, age)
    time.now += 9
    assert trusted(trust)
    time.now += 1
    assert not trusted(trust)
    heard(trust, 1.0)
    assert trusted(trust)


def test_a_process_that_begins_while_no_events_come_does_not_begin_anew(trust: Trust) -> None:
    heard(trust, 61.0)
    assert not trusted(trust)


def test_a_build_that_is_not_as_far_takes_nothing_back(trust: Trust, time: Time) -> None:
    heard(trust, 1.0)
    heard(trust, 50.0)
    time.now += 58
    assert trusted(trust)


def test_another_machines_clock_lends_no_time(trust: Trust, time: Time) -> None:
    heard(trust, -3_600.0)
    time.now += 60
    assert not trusted(trust)


async def refused(trust: Trust, decision: Decision, parties: tuple[str, ...]) -> bool:
    try:
        await trust.check(COACH, decision, TEACHER, parties, People())
    except Fault as fault:
        return (fault.kind, fault.code) == (Kind.UNAVAILABLE, "access_too_old")
    return False


@pytest.mark.parametrize(("decision", "parties", "rests_on"), DECISIONS, ids=range(len(DECISIONS)))
async def test_what_may_have_ended_is_refused_then(
    trust: Trust, time: Time, decision: Decision, parties: tuple[str, ...], rests_on: set[str]
) -> None:
    assert not await refused(trust, decision, parties)
    time.now += 60
    assert await refused(trust, decision, parties) is bool(rests_on)
    heard(trust, 61.0)
    assert await refused(trust, decision, parties) is bool(rests_on)
    heard(trust, 1.0)
    assert not await refused(trust, decision, parties)


@pytest.mark.parametrize(("decision", "parties", "rests_on"), DECISIONS, ids=range(len(DECISIONS)))
async def test_it_is_refused_where_a_row_that_it_rests_on_is_too_old_and_for_no_other(
    time: Time, decision: Decision, parties: tuple[str, ...], rests_on: set[str]
) -> None:
    people = {"coach-01", POLICY_ROW, TEACHER, AWAY, BACK, OTHER}
    assert len(set(map(number, people))) == len(people)
    too_old = set()
    for person in people:
        trust = Trust(60, time)
        heard(trust, 1.0, **{person: 61.0})
        if await refused(trust, decision, parties):
            too_old.add(person)
    assert too_old == rests_on


def test_a_number_that_was_never_heard_of_counts_from_the_beginning(
    trust: Trust, time: Time
) -> None:
    ages = {each: 1.0 for each in range(NUMBERS) if each != number(TEACHER)}
    time.now += 59
    trust.hear(NUMBERS, ages)
    assert trust.believes("north", [TEACHER, OTHER])
    time.now += 1
    assert trust.believes("north", [OTHER])
    assert not trust.believes("north", [TEACHER])
    assert not trusted(trust)


def test_where_there_are_more_numbers_nothing_is_kept_of_those_that_were(
    trust: Trust, time: Time
) -> None:
    heard(trust, 1.0)
    time.now += 61
    trust.hear(2 * NUMBERS, {})
    assert not trust.believes("north", [OTHER])


def test_how_old_it_is_is_the_age_of_the_oldest(trust: Trust, time: Time) -> None:
    time.now += 5
    assert trust.age == 5
    heard(trust, 1.0, **{TEACHER: 30.0})
    time.now += 2
    assert trust.age == 32


def test_the_log_names_the_numbers_once(
    trust: Trust, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    heard(trust, 1.0)
    assert not caplog.messages
    time.now += 60
    for _ in range(2):
        heard(trust, 1.0, **{OTHER: 61.0})
    for _ in range(2):
        heard(trust, 1.0)
    told = f"who may see what is as of 61 s ago in partitions {number(OTHER)}: they open nothing"
    assert caplog.messages == [told, "who may see what is known again"]


def test_what_many_are_shown_of_rests_on_each_of_them(trust: Trust) -> None:
    heard(trust, 1.0, **{TEACHER: 61.0})
    trust.check_people(COACH, ())
    trust.check_people(COACH, [OTHER])
    trust.check_people(PARTNER, [TEACHER])  # whose scopes are in its token
    with pytest.raises(Fault):
        trust.check_people(COACH, [OTHER, TEACHER])
    with pytest.raises(Fault):
        trust.check_all(COACH)


@pytest.mark.parametrize("whose", ["coach-01", POLICY_ROW])
def test_and_on_what_is_known_of_who_asks_and_of_what_is_agreed(trust: Trust, whose: str) -> None:
    heard(trust, 1.0, **{whose: 61.0})
    with pytest.raises(Fault):
        trust.check_people(COACH, ())


def test_what_rests_on_it_wholly_is_refused_to_people(trust: Trust, time: Time) -> None:
    trust.check_all(COACH)
    time.now += 60
    trust.check_all(PARTNER)
    with pytest.raises(Fault):
        trust.check_all(COACH)
