"""The demo district: the same bytes each time, a file that the roster takes whole, and a
past in which every coach meets each kind of situation."""

import io
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.access.districts import OwnRoles
from services.access.school_year import school_year_of
from services.ctl.demo.actor import Moments
from services.ctl.demo.district import (
    BROOKFIELD,
    LAKEWOOD,
    Shape,
    build_district,
    class_ids,
    coach_id,
    scaled,
    teacher_id,
    teachers_of,
)
from services.ctl.demo.past import SITUATIONS, past_of
from services.roster.imports.oneroster.reader import read_roster

TODAY = date(2026, 11, 22)
YEAR = school_year_of(TODAY)


@pytest.mark.parametrize("shape", [BROOKFIELD, scaled(25), LAKEWOOD], ids=lambda each: each.name)
def test_the_roster_takes_the_demo_file_whole(shape: Shape) -> None:
    content = build_district(shape, YEAR)
    assert content == build_district(shape, YEAR)
    parsed = read_roster(io.BytesIO(content), "lakewood", TODAY.isoformat(), OwnRoles())
    assert parsed.problems.count == 0
    people = {person.sourced_id: person for person in parsed.people.records.values()}
    roles = Counter(role.role for person in people.values() for role in person.roles)
    assert roles["teacher"] >= shape.teachers
    assert roles["ext:coach"] == shape.coaches
    assert roles["districtAdministrator"] == 1
    assert len(parsed.classes.records) == shape.classes
    taught = {each.sourced_id: each for each in parsed.classes.records.values()}
    for number in (1, shape.teachers):
        for class_id in class_ids(number):
            assert taught[class_id].teachers == (teacher_id(number),)
            assert taught[class_id].student_count >= 16


def test_two_districts_share_ids_and_nothing_else() -> None:
    names = []
    for shape in (LAKEWOOD, BROOKFIELD):
        parsed = read_roster(
            io.BytesIO(build_district(shape, YEAR)), "d", TODAY.isoformat(), OwnRoles()
        )
        people = parsed.people.records.values()
        names.append({each.sourced_id: (each.given_name, each.family_name) for each in people})
    shared = names[0].keys() & names[1].keys()
    assert {teacher_id(1), coach_id(1), "admin-01"} <= shared
    assert {name: names[0][name] for name in shared} != {name: names[1][name] for name in shared}


@pytest.mark.parametrize("day", ["2026-07-01", "2026-11-22", "2027-01-01", "2027-06-30"])
def test_every_day_of_the_year_and_the_weeks_before_it_fall_into_a_term(day: str) -> None:
    today = date.fromisoformat(day)
    zipped = build_district(BROOKFIELD, school_year_of(today))
    sessions = read_roster(io.BytesIO(zipped), "d", day, OwnRoles()).sessions.records.values()
    terms = [each for each in sessions if each.type == "term"]
    for ago in (0, 50):
        then = date.fromordinal(today.toordinal() - ago).isoformat()
        assert any(term.start <= then < term.end for term in terms)


def test_each_teacher_belongs_to_one_coach() -> None:
    for shape in (LAKEWOOD, BROOKFIELD, scaled(110)):
        given = [n for coach in range(1, shape.coaches + 1) for n in teachers_of(shape, coach)]
        assert given == list(range(1, shape.teachers + 1))


def test_the_past_is_the_same_each_time_and_no_two_goals_are_alike() -> None:
    past = list(past_of(LAKEWOOD, TODAY))
    assert past == list(past_of(LAKEWOOD, TODAY))
    assert past != list(past_of(LAKEWOOD, date(2026, 11, 23)))
    goals = [goal for each in past for goal in each.goals]
    assert len({goal.statement for goal in goals}) == len(goals)
    assert all(1 <= len(each.goals) <= 2 for each in past)


def test_every_coach_meets_each_situation() -> None:
    by_coach: dict[int, set[str]] = {}
    for each in past_of(LAKEWOOD, TODAY):
        by_coach.setdefault(each.coach, set()).add(each.situation)
    assert len(by_coach) == LAKEWOOD.coaches
    assert all(met == set(SITUATIONS) for met in by_coach.values())


def test_what_happens_happens_in_order() -> None:
    for each in past_of(LAKEWOOD, TODAY):
        assert each.proposed > each.accepted
        for goal in each.goals:
            days = [goal.drafted, goal.activated, *(ago for ago, _, _ in goal.progress)]
            days = [day for day in [*days, goal.achieved] if day]
            assert days == sorted(days, reverse=True)
            assert each.accepted >= days[0]
            assert (goal.baseline is not None) or not goal.activated
        for seen in each.observations:
            steps = [seen.scheduled, seen.held, seen.shared, seen.acknowledged]
            done = [day for day in steps if day]
            assert done == sorted(done, reverse=True)
            assert steps[: len(done)] == done


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Honolulu"])
def test_a_demo_lives_by_the_clock_of_its_district(zone: str) -> None:
    moments = Moments(TODAY, ZoneInfo(zone), minute=30)
    for days_ago in (30, 21, 21, 3, 1):
        local = moments.at(days_ago).astimezone(ZoneInfo(zone))
        assert (local.weekday() < 5, 8 <= local.hour < 12) == (True, True)
        assert local.date() < TODAY
