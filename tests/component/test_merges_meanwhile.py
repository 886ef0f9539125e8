"""What a side does with a relationship at the very moment at which a merge moves it is not lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.twice import MATCHES, NEW, OLD, Twice

LIST = "/programs/v1/relationships"
JULY = datetime(2027, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, twice: Twice, does: Callable[[], Awaitable[Any]]
) -> list[int]:
    """Done once, between the two writes by which a relationship is moved: the status it was
    answered with."""
    runner: Any = twice.north.services["programs"].duties
    path = runner._works["transfer_relationships"].args[0].path
    create = path.create
    answered: list[int] = []

    async def and_then(*args: Any) -> Any:
        made = await create(*args)
        if not answered:
            answered.append(0)
            answered[:] = [(await does()).status_code]
        return made

    monkeypatch.setattr(path, "create", and_then)
    return answered


async def had(twice: Twice, teacher: str) -> dict[tuple[str, int], str]:
    """What she has with whom, and in which year."""
    found = await twice.get("admin", f"{LIST}?teacher_id={teacher}")
    return {
        (each["coach_id"], each["school_year"]): each["state"] for each in found["relationships"]
    }


async def test_who_ends_it_has_ended_it(twice: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    north = twice.north
    made = await north.coached("other", "peer")
    answered = meanwhile(monkeypatch, twice, lambda: north.answer("peer", made, "end"))
    await twice.merged("other", "coach")
    await twice.later()
    await twice.later()
    assert answered == [200]
    assert await had(twice, "peer") == {("other", 2027): "ended", ("coach", 2027): "ended"}
    assert await north.sees("coach", "peer") == set()


async def test_who_accepts_it_has_accepted_it(
    twice: Twice, monkeypatch: pytest.MonkeyPatch
) -> None:
    north = twice.north
    made = (await north.propose(OLD, "other", OLD, coach_sees=["goals"])).json()
    await north.settle()
    answered = meanwhile(monkeypatch, twice, lambda: north.answer("other", made["relationship_id"]))
    await twice.merged()
    await twice.later()
    await twice.later()
    assert answered == [200]
    assert (await had(twice, NEW))["other", 2027] == "active"
    assert await north.sees("other", NEW) == {"goals", "insights"}


async def test_and_what_is_beside_it_ends_with_it_under_the_other_ids(twice: Twice) -> None:
    """Moved before anything has followed from its end."""
    north = twice.north
    await north.coached("other", "peer")
    north.clock.set(JULY)
    made = await north.coached("other", "peer")
    match = await twice.proposed("other", "coach")
    await twice.post("admin", f"{MATCHES}/{match}/confirm")
    north.clock.forward(seconds=1)
    assert (await north.answer("peer", made, "end")).status_code == 200
    await north.settle()
    assert await had(twice, "peer") == dict.fromkeys(
        [(coach, year) for coach in ("other", "coach") for year in (2027, 2028)], "ended"
    )
    assert await north.sees("coach", "peer") == set()
