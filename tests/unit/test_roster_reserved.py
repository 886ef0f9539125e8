"""Ids under which something else stands beside people."""

from __future__ import annotations

from services.access.privacy_keys import POLICY_ROW
from tests.support.roster_files import good_files, parsed, problems_of


def test_nobody_takes_the_place_of_the_data_use_policy_in_the_access_view() -> None:
    """Nor does a class have her for a teacher, or its event would say so at that place."""
    taken = POLICY_ROW
    files = {name: text.replace("teacher-2", taken) for name, text in good_files().items()}
    roster = parsed(files)
    assert problems_of(roster) == [
        ("users.csv", 3, "sourcedId", "reserved_id"),
        ("enrollments.csv", 3, "userSourcedId", "not_staff"),
        ("enrollments.csv", 7, "userSourcedId", "not_staff"),
    ]
    assert taken not in roster.people.records
    assert not any(taken in each.teachers for each in roster.classes.records.values())
    assert not roster.people.unread, "it is readable: what else is missing is removed as ever"
