"""How long what is known of who may see what is relied on."""

from __future__ import annotations

import pytest

from services.access.decision import SHARED_WITH, Decision
from services.access.trust import Trust
from services.chassis.call import Principal
from services.chassis.kernel import Fault, Kind

COACH = Principal("north", person="coach-01")
PARTNER = Principal("north", partner="sis", scopes=frozenset({"goals.read"}))
# by what somebody is let in, and who is named in the thing -> whether that may have ended
DECISIONS = [
    (Decision("coach"), (), True),
    (Decision("coach", "grant-1"), (), True),
    (Decision("coaching", "grant-1"), (), True),
    (Decision("party"), ("teacher-0001",), True),  # by a class that she has or covers
    (Decision("party"), ("coach-01", "teacher-0001"), False),
    (Decision("coaching"), (), False),
    (Decision("district_admin"), (), False),
    (Decision("staff"), (), False),
    (Decision("teacher"), (), False),
    (Decision(SHARED_WITH, "share-1"), (), False),
]


def trusted(trust: Trust) -> bool:
    return trust.holds


class Time:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


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
        trust.hear(2.0)
        assert trusted(trust)


def test_it_ends_so_long_after_the_view_was_whole(trust: Trust, time: Time) -> None:
    trust.hear(10.0)
    for age in (30.0, 50.0):
        time.now += 20
        trust.hear(age)
    time.now += 9
    assert trusted(trust)
    time.now += 1
    assert not trusted(trust)
    trust.hear(1.0)
    assert trusted(trust)


def test_a_process_that_begins_while_no_events_come_does_not_begin_anew(trust: Trust) -> None:
    trust.hear(61.0)
    assert not trusted(trust)


def test_a_build_that_is_not_as_far_takes_nothing_back(trust: Trust, time: Time) -> None:
    trust.hear(1.0)
    trust.hear(50.0)
    time.now += 58
    assert trusted(trust)


def test_another_machines_clock_lends_no_time(trust: Trust, time: Time) -> None:
    trust.hear(-3_600.0)
    time.now += 60
    assert not trusted(trust)


@pytest.mark.parametrize(("decision", "parties", "may_have_ended"), DECISIONS, ids=str)
def test_what_may_have_ended_is_refused_then(
    trust: Trust, time: Time, decision: Decision, parties: tuple[str, ...], may_have_ended: bool
) -> None:
    trust.check(COACH, decision, parties)
    time.now += 60
    if not may_have_ended:
        return trust.check(COACH, decision, parties)
    with pytest.raises(Fault) as caught:
        trust.check(COACH, decision, parties)
    assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "access_too_old")
    return None


def test_what_rests_on_it_wholly_is_refused_to_people(trust: Trust, time: Time) -> None:
    trust.check_all(COACH)
    time.now += 60
    trust.check_all(PARTNER)  # whose scopes are in its token
    with pytest.raises(Fault):
        trust.check_all(COACH)
