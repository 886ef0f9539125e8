"""What every store of views must do: held by the memory twin and by MongoDB alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.log.envelope import Record
from services.chassis.log.source import TopicsDiffer
from services.chassis.views.parked import (
    DISCARDED,
    OPEN,
    RESOLVED,
    Mark,
    Parked,
    ParkedMessages,
    park,
)
from services.chassis.views.rows import (
    Batch,
    Builds,
    Change,
    Fence,
    Generation,
    Outcome,
    Reported,
    RowFull,
    Superseded,
    Terms,
    Views,
)
from tests.support.goal_cards import START

NOW = Generation("suite", 0)
RECORD = Record("t.v1", 2, 41, b"d1:t1", b"\xff", (("ce_id", b"x"), ("ce_id", b"y")))


TERMS = Terms(6)


async def claim(views: Views, *numbers: int, group: str = NOW.group) -> Mapping[int, Fence]:
    return await views.claim(group, numbers, TERMS)


async def revs(views: Views, *numbers: int) -> Mapping[int, int]:
    return {number: one.rev for number, one in (await views.fences(NOW.group, numbers)).items()}


def parked(offset: int = 41) -> Parked:
    record = Record("t.v1", 2, offset, b"d1:t1", b"\xff", RECORD.headers)
    return park(NOW.group, record, None, "undecodable", START)


def batch(
    fences: Mapping[int, Fence],
    changes: Sequence[Change] = (),
    kept: Sequence[Parked] = (),
    marks: Mapping[str, Mark] | None = None,
) -> Batch:
    return Batch(NOW, fences, changes, kept, marks or {})


def created(row: str, sets: Mapping[str, Any]) -> Change:
    return Change("cards", row, sets, new=True)


async def made(views: Views) -> Generation:
    """A build in the making with a row."""
    built = await views.next_generation("suite")
    fences = await claim(views, 0, group=built.group)
    row = created("r1", {"d": 1})
    assert await views.commit(Batch(built, fences, [row])) is Outcome.COMMITTED
    return built


async def rows(views: Views, *ids: str) -> Mapping[tuple[str, str], Any]:
    return await views.load(NOW, {"cards": ids})


class ViewsSuite:
    async def test_a_commit_stores_rows_positions_and_parked_messages(self, views: Views) -> None:
        fence = (await claim(views, 2))[2]
        new = created("r1", {"district": "d1", "facts": {"g": {"a%2E1": {"v": 1}}}})
        after = {2: Fence(fence.rev, {"t.v1": 42, "u.v1": 7})}
        assert await views.commit(batch(after, [new], [parked()])) is Outcome.COMMITTED
        assert await rows(views, "r1", "r2") == {
            ("cards", "r1"): {"_id": "r1", "district": "d1", "facts": {"g": {"a%2E1": {"v": 1}}}}
        }
        claimed = (await claim(views, 2))[2]
        assert claimed.positions == {"t.v1": 42, "u.v1": 7}
        assert claimed.rev > fence.rev
        bare = parked().record._replace(value=None, headers=())
        assert await views.open_parked(NOW.group, [2]) == [replace(parked(), record=bare)]
        assert await views.open_parked(NOW.group, [1]) == []

    async def test_a_rev_that_moved_changes_nothing(self, views: Views) -> None:
        stale = await claim(views, 2, 3)
        await claim(views, 3)
        change = created("r1", {"district": "d1"})
        fences = {number: Fence(stale[number].rev, {"t.v1": 9}) for number in (2, 3)}
        assert await views.commit(batch(fences, [change], [parked()])) is Outcome.FENCED
        assert await rows(views, "r1") == {}
        assert await views.open_parked(NOW.group, [2]) == []
        assert (await claim(views, 2))[2].positions == {}

    async def test_the_same_batch_does_not_commit_twice(self, views: Views) -> None:
        fence = (await claim(views, 2))[2]
        once = batch({2: Fence(fence.rev, {"t.v1": 1})})
        assert await views.commit(once) is Outcome.COMMITTED
        assert await views.commit(once) is Outcome.FENCED
        assert await revs(views, *[2, 5]) == {2: fence.rev + 1}

    async def test_a_view_built_with_other_partitions_is_not_claimed(self, views: Views) -> None:
        before = await claim(views, 0, 1)
        for numbers in ([1], [5, 11]):  # also where the numbers are all new
            with pytest.raises(TopicsDiffer, match=r"have 12 .* when they had 6: .*rebuild"):
                await views.claim(NOW.group, numbers, Terms(12))
        assert await revs(views, *[0, 1, 5, 11]) == {0: before[0].rev, 1: before[1].rev}
        built = await views.next_generation("suite")
        assert set(await views.claim(built.group, range(12), Terms(12))) == set(range(12))

    async def test_an_older_list_of_topics_never_claims_back(self, views: Views) -> None:
        await claim(views, 0, 1)
        newer = await views.claim(NOW.group, [1], replace(TERMS, topics=2))
        fences = {1: Fence(newer[1].rev, {"t.v1": 3, "new.v1": 4})}
        for numbers in ([1], [0, 1], [1, 2]):
            with pytest.raises(Superseded, match="a newer list of topics, 2: this one has 1"):
                await claim(views, *numbers)
        assert await views.commit(batch(fences)) is Outcome.COMMITTED  # nobody has ended it
        assert set(await claim(views, 0)) == {0}  # the newer may come for it later
        assert (await views.fences(NOW.group, [0, 1, 2])) == {
            0: Fence((await revs(views, 0))[0], {}, 1),
            1: Fence(newer[1].rev + 1, {"t.v1": 3, "new.v1": 4}, 2),
        }
        with pytest.raises(TopicsDiffer):  # of partitions too, whatever the list
            await views.claim(NOW.group, [0, 1], Terms(12, 3))
        assert set(await views.claim(NOW.group, [0, 1], replace(TERMS, topics=3))) == {0, 1}
        built = await views.next_generation("suite")  # by the older build, to go back to it
        assert set(await claim(views, 0, 1, group=built.group)) == {0, 1}

    async def test_paths_are_set_and_unset_in_a_row_that_exists(self, views: Views) -> None:
        fence = (await claim(views, 2))[2]
        first = created("r1", {"facts": {}, "incomplete": {"a": 1, "b": 2}, "n": 1})
        await views.commit(batch({2: Fence(fence.rev, {})}, [first]))
        second = Change("cards", "r1", {"facts.g.x": {"at": START}, "n": None}, ("incomplete.a",))
        await views.commit(batch({2: Fence(fence.rev + 1, {})}, [second]))
        row = (await rows(views, "r1"))["cards", "r1"]
        assert row["facts"] == {"g": {"x": {"at": START}}}
        assert row["incomplete"] == {"b": 2}
        assert row["n"] is None

    async def test_a_row_that_is_gone_is_not_begun_by_half_and_nothing_is_changed(
        self, views: Views
    ) -> None:
        fence = (await claim(views, 2))[2]
        known = Change("cards", "r1", {"facts.g.x": {"v": 2}}, ("incomplete.x",))
        fences = {2: Fence(fence.rev, {"t.v1": 9})}
        for changes in ([known], [created("r0", {"n": 1}), known]):
            assert await views.commit(batch(fences, changes, [parked()])) is Outcome.FENCED
        assert await rows(views, "r0", "r1") == {}
        assert await revs(views, *[2]) == {2: fence.rev}
        assert await views.open_parked(NOW.group, [2]) == []
        whole = created("r1", {"facts": {"g": {"x": {"v": 2}}}})
        assert await views.commit(batch(fences, [whole])) is Outcome.COMMITTED
        again = {2: Fence(fence.rev + 1, {"t.v1": 9})}  # as it is already: it is there
        assert await views.commit(batch(again, [known])) is Outcome.COMMITTED

    async def test_a_new_row_takes_the_place_of_what_is_there(self, views: Views) -> None:
        """Half of one, of which nothing is kept that the new one has, too."""
        fence = (await claim(views, 2))[2]
        half = created("r1", {"facts.g.x": {"v": 2}})
        assert await views.commit(batch({2: Fence(fence.rev, {})}, [half])) is Outcome.COMMITTED
        whole = created("r1", {"district": "d1", "facts": {"g": {"y": {"v": 1}}}})
        after = {2: Fence(fence.rev + 1, {})}
        assert await views.commit(batch(after, [whole])) is Outcome.COMMITTED
        row = (await rows(views, "r1"))["cards", "r1"]
        assert row == {"_id": "r1", "district": "d1", "facts": {"g": {"y": {"v": 1}}}}

    async def test_a_row_that_would_be_too_large_is_named_and_nothing_is_changed(
        self, views: Views
    ) -> None:
        fence = (await claim(views, 2))[2]
        half = created("r1", {"a": "x" * 9_000_000})
        assert await views.commit(batch({2: Fence(fence.rev, {})}, [half])) is Outcome.COMMITTED
        more = [created("r0", {"n": 1}), Change("cards", "r1", {"b": "x" * 9_000_000})]
        fences = {2: Fence(fence.rev + 1, {"t.v1": 7})}
        with pytest.raises(RowFull) as full:
            await views.commit(batch(fences, more, [parked()]))
        assert (full.value.collection, full.value.row) == ("cards", "r1")
        assert await revs(views, *[2]) == {2: fence.rev + 1}
        assert list(await rows(views, "r0", "r1")) == [("cards", "r1")]
        assert await views.open_parked(NOW.group, [2]) == []
        assert await views.commit(batch(fences, more[:1], [parked()])) is Outcome.COMMITTED

    async def test_a_message_is_parked_once_and_keeps_its_bytes(self, views: Views) -> None:
        fence = (await claim(views, 2))[2]
        await views.commit(batch({2: Fence(fence.rev, {})}, kept=[parked(), parked(42)]))
        await views.commit(batch({2: Fence(fence.rev + 1, {})}, kept=[parked()]))
        found = await views.to_redrive(NOW.group, [2], [parked().id, parked(42).id], 5)
        assert [one.record.offset for one in found] == [41, 42]
        assert found[0].record == RECORD

    async def test_the_newest_parked_messages_are_given_and_all_are_counted(
        self, views: Views, messages: ParkedMessages
    ) -> None:
        fences = await claim(views, 2, 3)
        many = [
            replace(
                parked(offset),
                district=("d1", "", "d2")[offset % 3],
                parked_at=START + timedelta(seconds=offset * 7 % 10 // 2),
            )
            for offset in range(10)
        ]
        elsewhere = replace(parked(10), record=RECORD._replace(partition=3), district="d3")
        after = {number: Fence(fences[number].rev, {}) for number in (2, 3)}
        await views.commit(batch(after, kept=[*many, elsewhere]))
        newest = sorted(many, key=lambda one: (one.parked_at, one.id), reverse=True)
        for most in (1, 4, 20):
            found = await views.open_parked(NOW.group, [2], most)
            assert [one.id for one in found] == [one.id for one in newest[:most]]
        assert await views.count_parked(NOW.group, [2]) == {"d1": 4, "": 3, "d2": 3}
        assert await messages.discard(many[0].id, "somebody", START)
        assert await messages.redrive(many[1].id)
        assert await views.count_parked(NOW.group, [2, 3]) == {"d1": 3, "": 3, "d2": 3, "d3": 1}
        assert await views.count_parked(NOW.group, [1]) == {}

    async def test_parked_messages_are_redriven_resolved_and_discarded(
        self, views: Views, messages: ParkedMessages
    ) -> None:
        fence = (await claim(views, 2))[2]
        await views.commit(batch({2: Fence(fence.rev, {})}, kept=[parked(), parked(42)]))
        first, second = parked().id, parked(42).id
        assert await messages.redrive(first)
        assert [one.id for one in await views.to_redrive(NOW.group, [2], [], 5)] == [first]
        both = await views.to_redrive(NOW.group, [2], [second], 5)
        assert [one.id for one in both] == [first, second]
        assert len(await views.to_redrive(NOW.group, [2], [second], 1)) == 1
        assert await views.to_redrive(NOW.group, [1], [second], 5) == []
        marks = {first: Mark(OPEN, "still bad")}
        await views.commit(batch({2: Fence(fence.rev + 1, {})}, marks=marks))
        again = (await messages.list(NOW.name))[0]
        assert (again.state, again.reason) == (OPEN, "still bad")
        assert await messages.given_up(NOW.name) == {}
        assert await messages.discard(second, "pat", START)
        assert await messages.given_up(NOW.name) == {(b"x", b"d1:t1"): "pat"}
        assert not await messages.redrive(second)
        assert not await messages.discard("no such id", "pat", START)
        late = {second: Mark(RESOLVED)}  # of a batch in the making when it was discarded
        await views.commit(batch({2: Fence(fence.rev + 2, {})}, marks=late))
        kept = await messages.list(NOW.name, (DISCARDED,))
        assert [(one.id, one.by) for one in kept] == [(second, "pat")]
        assert kept[0].record == parked(42).record._replace(value=None)

    async def test_of_what_is_resolved_only_its_place_is_kept(
        self, views: Views, messages: ParkedMessages
    ) -> None:
        fence = (await claim(views, 2))[2]
        record = RECORD._replace(headers=(("ce_subject", b"g1"), ("ce_id", b"x")))
        said = replace(parked(), record=record)
        await views.commit(batch({2: Fence(fence.rev, {})}, kept=[said]))
        assert (await messages.list(NOW.name))[0].record == record
        marks = {parked().id: Mark(RESOLVED, "$reason")}
        await views.commit(batch({2: Fence(fence.rev + 1, {})}, marks=marks))
        (left,) = await messages.list(NOW.name, (RESOLVED,))
        assert left.record == record._replace(value=None, headers=(("ce_id", b"x"),))
        assert (left.reason, left.aggregate) == ("$reason", parked().aggregate)

    async def test_generations_have_their_own_rows_and_flip_at_once(self, views: Views) -> None:
        assert await views.generation("suite") == NOW
        built = await views.next_generation("suite")
        assert built == Generation("suite", 1)
        fence = (await claim(views, 2, group=built.group))[2]
        change = created("r1", {"district": "d1"})
        await views.commit(Batch(built, {2: Fence(fence.rev, {})}, [change]))
        assert await rows(views, "r1") == {}
        assert await views.generation("suite") == NOW
        await views.flip(built)
        assert await views.generation("suite") == built
        assert [row["_id"] async for row in views.scan(built, "cards")] == ["r1"]
        assert [await views.count(each, "cards") for each in (NOW, built)] == [0, 1]
        await views.flip(NOW)
        assert await views.next_generation("suite") == Generation("suite", 2)

    async def test_a_build_that_is_not_in_use_is_taken_away_whole(self, views: Views) -> None:
        await views.commit(batch(await claim(views, 2), [created("r1", {"d": 1})]))
        built = await views.next_generation("suite")
        fence = (await claim(views, 2, group=built.group))[2]
        kept = park(built.group, RECORD, None, "undecodable", START)
        change = created("r2", {"d": 1})
        await views.commit(Batch(built, {2: Fence(fence.rev, {})}, [change], [kept]))
        await views.report(built.group, 1, {0: START})
        assert not await views.drop(NOW, ["cards"])
        assert await views.drop(built, ["cards"])
        assert [row async for row in views.scan(built, "cards")] == []
        assert await views.fences(built.group, [2]) == {}
        assert await views.open_parked(built.group, [2]) == []
        assert await views.freshness(built.group) is None
        assert [row["_id"] async for row in views.scan(NOW, "cards")] == ["r1"]
        assert len(await views.fences(NOW.group, [2])) == 1
        assert await views.next_generation("suite") == Generation("suite", 2)

    async def test_who_goes_back_finds_no_build_that_was_dropped_with_the_others(
        self, views: Views
    ) -> None:
        await views.commit(batch(await claim(views, 0, 2), [created("r1", {"d": 1})]))
        built = await made(views)
        await views.drop_others(built, ["cards"])
        assert len(await rows(views, "r1")) == 1  # which is in use
        await views.flip(built)
        await views.drop_others(NOW, ["cards"])
        assert len(await rows(views, "r1")) == 1
        await views.drop_others(built, ["cards"])
        assert await rows(views, "r1") == {}
        assert await views.fences(NOW.group, [0, 2]) == {}
        assert [row["_id"] async for row in views.scan(built, "cards")] == ["r1"]

    async def test_all_other_builds_are_dropped_also_newer_ones_but_not_the_one_in_the_making(
        self, views: Views
    ) -> None:
        await views.commit(batch(await claim(views, 0, 2), [created("r1", {"d": 1})]))
        left, newer, making = [await made(views) for _ in range(3)]
        assert await views.builds("suite") == Builds(NOW, making, [left, newer])
        await views.drop_others(NOW, ["cards"])
        assert await views.builds("suite") == Builds(NOW, making, [])
        for each, count in ((NOW, 1), (left, 0), (newer, 0), (making, 1)):
            assert await views.count(each, "cards") == count
        assert await views.come_into_use(making, alone=False)
        await views.flip(NOW)  # back: nobody makes it now
        assert await views.builds("suite") == Builds(NOW, None, [making])
        await views.drop_others(NOW, ["cards"])
        assert await views.builds("suite") == Builds(NOW, None, [])

    async def test_nobody_goes_back_to_a_build_that_was_dropped_though_it_is_claimed_again(
        self, views: Views
    ) -> None:
        await claim(views, 0)
        built = await made(views)
        assert await views.come_into_use(built, alone=False)
        assert await views.flip(NOW)
        assert await views.flip(built)
        assert await views.drop(NOW, ["cards"])
        await claim(views, 0)  # by a member that has not heard of it
        assert (await views.builds("suite")).others == [NOW]
        assert not await views.flip(NOW)
        assert await views.generation("suite") == built

    async def test_nobody_goes_to_one_that_was_begun_and_given_up_nor_from_one_that_stays_alone(
        self, views: Views
    ) -> None:
        await claim(views, 0)
        first, second = [await made(views) for _ in range(2)]
        assert not await views.flip(first)
        assert await views.come_into_use(second, alone=True)
        assert not await views.flip(NOW)
        await views.drop_unwanted(second, ["cards"])
        assert await views.generation("suite") == second

    async def test_only_the_build_begun_last_comes_into_use(self, views: Views) -> None:
        await claim(views, 0)
        first, second = [await made(views) for _ in range(2)]
        assert not await views.come_into_use(first, alone=True)
        assert await views.builds("suite") == Builds(NOW, second, [first])
        await views.drop(second, ["cards"])
        assert not await views.come_into_use(second, alone=True)
        assert await views.generation("suite") == NOW
        third = await made(views)
        assert await views.come_into_use(third, alone=False)
        assert await views.builds("suite") == Builds(third, None, [NOW, first])
        await views.drop_unwanted(third, ["cards"])  # nobody has asked for it
        assert await views.builds("suite") == Builds(third, None, [NOW, first])

    async def test_what_may_not_stay_is_known_until_it_is_dropped(self, views: Views) -> None:
        await views.commit(batch(await claim(views, 0, 2), [created("r1", {"d": 1})]))
        built = await made(views)
        assert await views.come_into_use(built, alone=True)
        assert await views.builds("suite") == Builds(built, None, [NOW], alone=True)
        await views.drop_unwanted(NOW, ["cards"])  # which somebody else still takes for the one
        assert await views.builds("suite") == Builds(built, None, [NOW], alone=True)
        await views.drop_unwanted(built, ["cards"])
        assert await views.builds("suite") == Builds(built, None, [])
        assert await rows(views, "r1") == {}
        assert await views.count(built, "cards") == 1

    async def test_freshness_is_the_oldest_of_all_partitions(self, views: Views) -> None:
        later = START + timedelta(seconds=5)
        assert await views.freshness(NOW.group) is None
        assert await views.reported(NOW.group) == Reported(0, {})
        await views.report(NOW.group, 2, {0: later})
        assert await views.freshness(NOW.group) is None
        assert await views.reported(NOW.group) == Reported(2, {0: later})
        await views.report(NOW.group, 2, {1: START})
        assert await views.freshness(NOW.group) == START
        await views.report(NOW.group, 2, {0: START, 1: later})
        assert await views.freshness(NOW.group) == later
        assert await views.reported(NOW.group) == Reported(2, {0: later, 1: later})
