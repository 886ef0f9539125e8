"""What every store of timelines promises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

import pytest

from services.chassis.kernel import Fault
from services.chassis.kernel import Kind as FaultKind
from services.chassis.views.freshness import NEVER
from services.chassis.views.projection import Row
from services.insights.timeline.domain import ItemKind
from services.insights.timeline.fold import MEMBERS, TIMELINE
from services.insights.timeline.stores import Reading, Timelines
from tests.support.clocks import START

TEACHER, COACH, OTHER = "t1", "coach-1", "coach-2"


class Shelf(Protocol):
    """A store, and how rows come into it."""

    @property
    def timelines(self) -> Timelines: ...

    async def put(self, *rows: Row, into: str = TIMELINE) -> None: ...


def row(name: str, days: int = 0, teacher: str = TEACHER, **more: Any) -> Row:
    """As the projection derives its fields; open to all who coach her unless told."""
    district = more.pop("district", "north")
    at = START + timedelta(days=days)
    kind = more.pop("kind", ItemKind.GOAL)
    kept = {"kind": kind.value, "listed": True, "open": True, "of": ""}
    found = {"teacher": teacher, "at": at, **kept, **more}
    return {
        "_id": f"{district}:{teacher}:{kind.value}:{name}",
        "district": district,
        "facts": {},
        "incomplete": {},
        **found,
    }


def member(teacher: str, program: str, district: str = "north") -> Row:
    """As the projection derives its fields."""
    found = {"teacher": teacher, "program": program, "facts": {}, "incomplete": {}}
    return {"_id": f"{district}:{teacher}:{program}", "district": district, **found}


async def read(
    shelf: Shelf,
    reader: str,
    size: int = 100,
    teacher: str = TEACHER,
    district: str = "north",
    kinds: frozenset[ItemKind] = frozenset(ItemKind),
) -> list[str]:
    """The names of all items, page by page."""
    names: list[str] = []
    after = ""
    while True:
        reading = Reading(teacher, reader, kinds)
        page = await shelf.timelines.page(district, reading, after, size)
        assert len(page.items) <= size
        names += [str(each["_id"]).rpartition(":")[2] for each in page.items]
        after = page.after
        if not after:
            return names
        assert len(page.items) == size


class TimelinesSuite:
    """Subclasses have the fixture `shelf`, with nothing in it."""

    async def test_newest_first_and_of_one_instant_by_id(self, shelf: Shelf) -> None:
        await shelf.put(row("b", 1), row("d", 3), row("a", 3), row("c", 3), row("e", 2))
        for size in (1, 2, 3, 4, 5, 100):
            assert await read(shelf, TEACHER, size) == ["d", "c", "a", "e", "b"], size

    async def test_each_reader_sees_what_is_open_and_what_is_hers(self, shelf: Shelf) -> None:
        await shelf.put(
            row("open", 4),
            row("hers", 3, open=False, of=COACH),
            row("shared", 2, open=True, of=COACH),
            row("nobodys", 1, open=False),
        )
        for size in (1, 2, 100):
            assert await read(shelf, TEACHER, size) == ["open", "hers", "shared", "nobodys"]
            assert await read(shelf, COACH, size) == ["open", "hers", "shared"]
            assert await read(shelf, OTHER, size) == ["open", "shared"]

    async def test_a_coach_sees_the_kinds_that_she_is_shown(self, shelf: Shelf) -> None:
        await shelf.put(
            row("goal", 3),
            row("survey", 2, kind=ItemKind.SURVEY),
            row("hers", 1, kind=ItemKind.OBSERVATION, open=False, of=COACH),
        )
        surveys = frozenset({ItemKind.SURVEY})
        assert await read(shelf, COACH, kinds=surveys) == ["survey"]
        assert await read(shelf, COACH, kinds=frozenset({ItemKind.OBSERVATION})) == ["hers"]
        assert await read(shelf, COACH, kinds=frozenset()) == []
        assert await read(shelf, TEACHER, kinds=surveys) == ["goal", "survey", "hers"]

    async def test_what_is_hidden_leaves_no_gap_in_a_page(self, shelf: Shelf) -> None:
        await shelf.put(*(row(f"{n:02}", n, open=n % 10 == 0, of=COACH) for n in range(30)))
        page = await shelf.timelines.page("north", Reading(TEACHER, OTHER), "", 2)
        assert [each["_id"].rpartition(":")[2] for each in page.items] == ["20", "10"]
        rest = await shelf.timelines.page("north", Reading(TEACHER, OTHER), page.after, 2)
        assert ([each["_id"][-2:] for each in rest.items], rest.after) == (["00"], "")

    async def test_what_was_taken_back_or_is_of_others_is_not_there(self, shelf: Shelf) -> None:
        await shelf.put(
            row("mine"),
            row("gone", listed=False),
            row("another", teacher="t2"),
            row("far", district="south"),
        )
        for reader in (TEACHER, COACH):
            assert await read(shelf, reader) == ["mine"]
        assert await read(shelf, COACH, teacher="t2") == ["another"]
        assert await read(shelf, TEACHER, district="south") == ["far"]
        assert await read(shelf, TEACHER, teacher="t3") == []

    @pytest.mark.parametrize("after", ["x", " ", "9" * 40 + " a", "-" + "9" * 16 + " a"])
    async def test_a_place_that_nobody_gave_is_refused(self, shelf: Shelf, after: str) -> None:
        with pytest.raises(Fault) as refused:
            await shelf.timelines.page("north", Reading(TEACHER, TEACHER), after, 5)
        assert (refused.value.kind, refused.value.code) == (FaultKind.INVALID, "page_token")

    async def test_nobody_has_said_yet_how_fresh_it_is(self, shelf: Shelf) -> None:
        assert await shelf.timelines.as_of() == NEVER

    async def test_who_was_in_a_program_is_found_by_it(self, shelf: Shelf) -> None:
        await shelf.put(
            member("t2", "p1"),
            member("t1", "p1"),
            member("t3", "p2"),
            member("t1", "p1", district="south"),
            into=MEMBERS,
        )
        for most, expected in ((10, ["t1", "t2"]), (1, ["t1"])):
            found = await shelf.timelines.members("north", "p1", most)
            assert [each["teacher"] for each in found] == expected
        assert await shelf.timelines.members("west", "p1", 10) == []

    async def test_items_of_some_kinds_of_several_that_were_not_taken_back(
        self, shelf: Shelf
    ) -> None:
        session = ItemKind.COACHING_SESSION
        await shelf.put(
            row("a", kind=session),
            row("b", kind=session, teacher="t2", open=False, of=COACH),
            row("c", kind=session, listed=False),
            row("d", kind=session, teacher="t3"),
            row("e", kind=session, district="south"),
            row("f"),
        )
        for kinds, expected in (
            ([session], ["a", "b"]),
            ([session, ItemKind.GOAL], ["a", "b", "f"]),
            ([], []),
        ):
            found = await shelf.timelines.items("north", [TEACHER, "t2"], kinds)
            assert sorted(str(each["_id"]).rpartition(":")[2] for each in found) == expected
