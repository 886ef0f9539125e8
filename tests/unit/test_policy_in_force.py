"""What a service makes of the versions of a data-use policy, in whatever order it hears of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.agreed import UNRESTRICTED, Agreed, agreed_in
from services.access.facts import PolicyFact
from services.access.privacy_keys import POLICY_ROW
from services.access.profile import Profile, profile_of
from services.chassis.kernel import Fault
from tests.support.clocks import START, FakeClock
from tests.support.days import DAYS
from tests.unit.test_access import FixedDirectory

VERSIONS = {1: False, 2: True, 3: False}  # whether each wants an acknowledgment


def row(*numbers: int, **more: Any) -> dict[str, Any]:
    facts = {
        f"policy-{9 - number}": {  # not in the order of numbers
            "v": 3,
            "at": START,
            "number": number,
            "statement": f"statement-{number}",
            "acknowledge": VERSIONS[number],
        }
        for number in numbers
    }
    made = {"_id": f"north:{POLICY_ROW}", "district": "north", "facts": {"policies": facts}}
    return {**made, "incomplete": {}, **more}


def test_the_highest_number_counts_whichever_came_last() -> None:
    for order in permutations((1, 2)):
        found = profile_of(row(*order)).in_force
        assert found == PolicyFact("policy-7", 2, "statement-2", True)
    assert profile_of(row()).in_force is None


def test_a_person_is_no_policy() -> None:
    assert profile_of(row(2, _id="north:teacher-1")).in_force is None


async def refused(rules: dict[str, Any] | None, *acknowledged: str) -> bool:
    known = [Profile("teacher-1", True, acknowledged=frozenset(acknowledged))]
    if rules is not None:
        found = profile_of(rules)
        known.append(Profile(POLICY_ROW, False, in_force=found.in_force))
    access = Access({}, FixedDirectory(*known), FakeClock(), DAYS)
    try:
        await check_acknowledged(access, "north", "teacher-1")
    except Fault as fault:
        return fault.code == "policy_not_acknowledged"
    return False


@pytest.mark.parametrize(
    ("rules", "acknowledged", "expected"),
    [
        (None, (), False),  # a district without one is as it was
        (row(), (), False),
        (row(1), (), False),
        (row(1, 2), (), True),
        (row(1, 2), ("statement-1",), True),  # of the version before
        (row(1, 2), ("statement-2",), False),
        (row(1, 2, 3), (), False),
    ],
)
async def test_what_is_in_force_is_acknowledged(
    rules: dict[str, Any] | None, acknowledged: tuple[str, ...], expected: bool
) -> None:
    assert await refused(rules, *acknowledged) is expected


async def test_what_cannot_be_read_opens_nothing() -> None:
    assert await refused(row(1, incomplete={"policy-7": 2}), "statement-1", "statement-2", "")
    broken = row(1)
    broken["facts"]["policies"]["policy-8"]["number"] = "one"
    assert await refused(broken, "statement-1")


def test_who_may_read_is_as_the_newest_says_that_can_be_read() -> None:
    said = row(1, 2)
    for name, audiences, hours in (
        ("policy-8", ["coach", "partner"], 0),
        ("policy-7", ["coach"], 9),
    ):
        facts = said["facts"]["policies"][name]
        facts |= {"audiences": audiences, "teacher_first_hours": hours}
    first = timedelta(hours=9)
    for found in (said, {**said, "incomplete": {"policy-6": 3}}):
        assert agreed_in(profile_of(found)) == Agreed(partners=False, teacher_first=first)
    assert agreed_in(profile_of(row(2))) == UNRESTRICTED  # as an older build has kept it
    assert agreed_in(profile_of(row(2, incomplete={"policy-6": 3}))) == UNRESTRICTED
    assert agreed_in(None) == agreed_in(profile_of(row())) == UNRESTRICTED
