"""What every store of the write side promises of lists, run on memory and on MongoDB alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import Documents, Scalar
from tests.support.documents_suite import START, document, event

BY_DATE = ByDate("at", within=("color",))


async def listed(
    store: Documents,
    order: Order = Order.NEWEST,
    size: int = 3,
    unless: Mapping[str, Scalar] | None = None,
    by: ByDate | None = None,
    either: Sequence[Mapping[str, Scalar]] = (),
    **where: Scalar,
) -> list[str]:
    """The ids of a whole list, turned page by page."""
    ids: list[str] = []
    after = ""
    while True:
        page = await store.find(
            "d1",
            "thing",
            where,
            after,
            size,
            by=by or BY_DATE.first(order),
            unless=unless,
            either=either,
        )
        assert len(page.documents) <= size
        ids += [each.id for each in page.documents]
        if not page.after:
            return ids
        assert len(page.documents) == size
        after = page.after


class ListsSuite:
    async def test_newest_and_oldest_first_where_many_have_one_date(self, store: Documents) -> None:
        chance = Random(7)
        dates: dict[str, datetime] = {}
        for n in range(40):
            name = f"id{n:02d}"
            dates[name] = START + timedelta(milliseconds=chance.randrange(6))
            state = {"teacher": f"t{n % 2}", "at": dates[name], "color": ("red", "blue")[n % 5 > 2]}
            await store.insert(document(name, state=state), event(1, name))
        oldest = sorted(dates, key=lambda name: (dates[name], name))
        for size in (1, 3, 7, 40, 41):
            assert await listed(store, Order.OLDEST, size) == oldest
            assert await listed(store, Order.NEWEST, size) == oldest[::-1]
        hers = [name for name in oldest if int(name[2:]) % 2]
        assert await listed(store, Order.OLDEST, teacher="t1") == hers
        blue = [name for name in hers[::-1] if int(name[2:]) % 5 > 2]
        assert await listed(store, teacher="t1", color="blue") == blue
        red = [name for name in hers[::-1] if name not in blue]
        assert await listed(store, teacher="t1", unless={"color": "blue"}) == red
        assert await listed(store, teacher="t3") == []

    async def test_those_that_are_one_of_several_things(self, store: Documents) -> None:
        for n in range(24):
            state = {
                "teacher": f"t{n % 2}",
                "at": START + timedelta(days=n // 4),
                "color": ("red", "blue", "green")[n % 3],
                "people": [f"p{n % 5}", "all"],
            }
            await store.insert(document(f"id{n:02d}", state=state), event(1, f"id{n:02d}"))
        odd = [n for n in range(24)[::-1] if n % 2]
        red, p1 = {"color": "red"}, {"people": "p1"}
        cases: list[tuple[list[Mapping[str, Scalar]], list[int]]] = [
            ([red], [n for n in odd if n % 3 == 0]),
            ([red, p1], [n for n in odd if n % 3 == 0 or n % 5 == 1]),
            ([{**red, **p1}], [n for n in odd if n % 3 == 0 and n % 5 == 1]),
            ([{"color": "none"}, {"missing": "x"}], []),
            ([{"teacher": "t0"}], []),
            ([], odd),
        ]
        for either, wanted in cases:
            for size in (1, 5, 30):
                found = await listed(store, size=size, either=either, teacher="t1")
                assert found == [f"id{n:02d}" for n in wanted]
            blue = {"color": "blue"}
            found = await listed(store, unless=blue, either=either, teacher="t1")
            assert found == [f"id{n:02d}" for n in wanted if n % 3 != 1]
        by = BY_DATE.between(START + timedelta(days=1), START + timedelta(days=3))
        assert await listed(store, size=2, by=by, either=[red, p1]) == ["id11", "id09", "id06"]
        page = await store.find("d1", "thing", {}, "id03", 2, either=[red, p1])
        assert [each.id for each in page.documents] == ["id06", "id09"]

    async def test_between_two_dates_page_by_page(self, store: Documents) -> None:
        for n in range(12):
            state = {"teacher": "t1", "at": START + timedelta(days=n // 2), "color": "red"}
            await store.insert(document(f"id{n:02d}", state=state), event(1, f"id{n:02d}"))
        for first, last in ((None, None), (1, None), (None, 4), (1, 4), (2, 2), (4, 2), (9, None)):
            since = None if first is None else START + timedelta(days=first)
            until = None if last is None else START + timedelta(days=last)
            days = range(first or 0, 6 if last is None else last)
            wanted = [f"id{n:02d}" for n in range(12) if n // 2 in days]
            for order in Order:
                by = BY_DATE.first(order).between(since, until)
                for size in (1, 3, 20):
                    found = await listed(store, size=size, by=by, teacher="t1")
                    assert found == (wanted if order is Order.OLDEST else wanted[::-1])

    async def test_dates_before_and_far_after_ours_have_their_place(self, store: Documents) -> None:
        dates = [datetime(year, 5, 5, 1, 2, 3, 4_000, UTC) for year in (1, 1969, 1970, 2026, 9999)]
        for n, at in enumerate(dates):
            await store.insert(document(f"id{n}", state={"at": at}), event(1, f"id{n}"))
        assert await listed(store, Order.OLDEST, 1) == [f"id{n}" for n in range(5)]
        assert await listed(store, Order.NEWEST, 1) == [f"id{n}" for n in (4, 3, 2, 1, 0)]

    async def test_what_has_no_date_is_in_no_list_by_it(self, store: Documents) -> None:
        states: list[dict[str, Any]] = [{}, {"at": None}, {"at": "2026"}, {"at": 5}, {"at": START}]
        for n, state in enumerate(states):
            await store.insert(document(f"id{n}", state=state), event(1, f"id{n}"))
        for order in Order:
            for size in (1, 9):
                assert await listed(store, order, size) == ["id4"]

    async def test_a_page_goes_on_behind_its_last_though_that_has_gone_elsewhere(
        self, store: Documents
    ) -> None:
        for n in range(6):
            state = {"at": START + timedelta(days=n)}
            await store.insert(document(f"id{n}", state=state), event(1, f"id{n}"))
        first = await store.find("d1", "thing", {}, "", 2, by=BY_DATE)
        assert [each.id for each in first.documents] == ["id5", "id4"]
        assert await store.replace(first.documents[1], {"at": START}, event(2, "id4"), None)
        new = {"at": START + timedelta(days=9)}
        await store.insert(document("id9", state=new), event(1, "id9"))
        rest = await store.find("d1", "thing", {}, first.after, 9, by=BY_DATE)
        assert [each.id for each in rest.documents] == ["id3", "id2", "id1", "id4", "id0"]
        assert rest.after == ""

    async def test_only_parts_are_read_though_the_date_is_none_of_them(
        self, store: Documents
    ) -> None:
        for n in range(3):
            state = {"at": START, "title": "t", "text": "long"}
            await store.insert(document(f"id{n}", state=state, schema=1 + n), event(1, f"id{n}"))
        page = await store.find("d1", "thing", {}, "", 2, {"title": ()}, 2, BY_DATE)
        assert [each.state for each in page.documents] == [state, {"title": "t"}]
        page = await store.find("d1", "thing", {}, page.after, 2, {"title": ()}, 2, BY_DATE)
        assert [each.id for each in page.documents] == ["id0"]

    @pytest.mark.parametrize("after", ["id1", "x:id1", ":", "1e9:id1", f"{10**30}:id1", "9" * 999])
    async def test_what_is_no_place_in_it_is_refused(self, store: Documents, after: str) -> None:
        with pytest.raises(Fault) as refused:
            await store.find("d1", "thing", {}, after, 2, by=BY_DATE)
        assert (refused.value.code, refused.value.place) == ("page_token", "/page_token")
