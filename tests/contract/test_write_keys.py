"""An idempotency key answers its caller again, and nobody else."""

from contextlib import suppress

import pytest

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind, not_found
from tests.support.counters import Bench, Counter, call, refused

OTHERS = [{"person": "p2"}, {"partner": "p1"}]  # a partner may have a person's id


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_create_that_comes_back_meets_its_own_result(bench: Bench) -> None:
    made = await bench.create(call("k"))
    again = call("k")
    assert await bench.create(again) == made
    assert again.replayed
    assert len(await bench.events()) == 1


async def test_the_same_key_means_another_thing_elsewhere(bench: Bench) -> None:
    ids = {
        (await bench.create(each)).id
        for each in (call("k"), call("k", district="d2"), call("k2"), call(), call())
    }
    assert len(ids) == 5


@pytest.mark.parametrize("other", OTHERS)
async def test_a_key_belongs_to_its_caller(bench: Bench, other: dict[str, str]) -> None:
    made = await bench.create(call("k"))
    hers = call("k", "other", who=other)
    created = await bench.create(hers)
    assert (created.id != made.id, hers.replayed) == (True, False)
    await bench.path.change(call("c"), made.id, lambda counter: counter.add(2))
    hers = call("c", "other", who=other)
    changed = await bench.path.change(hers, made.id, lambda counter: counter.add(3))
    assert (changed.n, hers.replayed) == (6, False)
    for mine in (call("c"), call("c", "other", who=other)):
        answer = await bench.path.change(mine, made.id, lambda counter: counter.add(9))
        assert (answer.n, mine.replayed) == (6, True)


async def test_no_key_is_remembered_of_whom_nothing_tells_from_another(bench: Bench) -> None:
    nobody: dict[str, str] = {}
    made, again = [await bench.create(call("k", who=nobody)) for _ in range(2)]
    assert made.id != again.id
    changes = [call("c", who=nobody), call("c", "other", who=nobody)]
    for each in changes:
        await bench.path.change(each, made.id, lambda counter: counter.add(1))
    assert [each.replayed for each in changes] == [False, False]


async def test_of_what_there_may_be_one_of_the_first_is_made_and_then_changed(
    bench: Bench,
) -> None:
    def only(*parts: str) -> str:
        return bench.path.derived_id("d1", *parts)

    assert len({only("a", "b"), only("ab"), only("a:1b"), only("b", "a")}) == 4
    assert bench.path.derived_id("d2", "a", "b") != only("a", "b") == only("a", "b")

    async def make(each: Call) -> Counter:
        new = Counter(id=only("a", "b"), district="d1")
        new.add(1)
        with suppress(Fault):
            return await bench.path.create(each, new)
        return await bench.path.change(each, new.id, lambda counter: counter.add(10))

    assert (await make(call("k"))).n == 1
    again, second, third = call("k"), call("k2"), call("k2")
    assert ((await make(again)).n, again.replayed) == (1, True)
    assert ((await make(second)).n, second.replayed) == (11, False)
    assert ((await make(third)).n, third.replayed) == (11, True)


async def test_a_create_key_with_other_content_is_refused(bench: Bench) -> None:
    await bench.create(call("k"))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", bench.create(call("k", "other")))


async def test_an_id_taken_by_another_create_is_a_conflict(bench: Bench) -> None:
    def new() -> Counter:
        counter = Counter(id="given", district="d1")
        counter.add(1)
        return counter

    await bench.path.create(call("k"), new())
    await refused(Kind.CONFLICT, "already_exists", bench.path.create(call(), new()))
    await refused(Kind.CONFLICT, "already_exists", bench.path.create(call("x"), new()))


async def test_a_change_that_comes_back_has_one_effect(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k"), made.id, lambda counter: counter.add(2))
    await bench.path.change(call(), made.id, lambda counter: counter.add(1))
    again = call("k")
    answer = await bench.path.change(again, made.id, lambda counter: counter.add(2))
    assert (answer.version, answer.n, again.replayed) == (3, 4, True)
    assert len(await bench.events()) == 3


async def test_what_changed_nothing_does_nothing_when_it_comes_back(bench: Bench) -> None:
    def full(counter: Counter) -> None:
        counter.add(max(0, 3 - counter.n))

    made = await bench.create(call(), by=3)
    assert (await bench.path.change(call("k"), made.id, full)).version == 1
    await bench.path.change(call(), made.id, _emptied)
    again, another = call("k"), call("l")
    assert (await bench.path.change(again, made.id, full)).n == 0
    assert again.replayed
    await refused(
        Kind.KEY_REUSED,
        "idempotency_key_reused",
        bench.path.change(call("k", "other"), made.id, full),
    )
    assert (await bench.path.change(another, made.id, full)).n == 3
    assert not another.replayed


def _emptied(counter: Counter) -> None:
    counter.n = 0
    counter.record(("added", 0))


async def test_what_changed_nothing_and_was_overtaken_decides_anew(bench: Bench) -> None:
    made = await bench.create(call(), by=3)
    overtakes = iter([True])

    async def full(counter: Counter) -> None:
        if next(overtakes, False):
            await bench.path.change(call(), made.id, _emptied)
        counter.add(max(0, 3 - counter.n))

    answer = await bench.path.change(call("k"), made.id, full)
    assert (answer.n, answer.version) == (3, 3)


async def test_who_only_looks_leaves_no_key(bench: Bench) -> None:
    made = await bench.create(call())
    looked = call("k")
    assert (await bench.path.look(looked, made.id, lambda counter: None)).n == 1
    assert (await bench.path.change(looked, made.id, lambda counter: counter.add(1))).n == 2
    again = call("k")
    assert (await bench.path.look(again, made.id, lambda counter: None)).n == 2
    assert (looked.replayed, again.replayed) == (False, True)
    stale = bench.path.look(call(if_match=1), made.id, lambda counter: None)
    await refused(Kind.STALE, "stale_version", stale)
    missing = bench.path.look(call(), "missing", lambda counter: None)
    await refused(Kind.NOT_FOUND, "not_found", missing)


async def test_a_replay_is_answered_though_the_change_reached_a_bound(bench: Bench) -> None:
    made = await bench.create(call())

    def bounded(counter: Counter) -> None:
        if counter.n >= 2:
            raise Fault(Kind.LIMITED, "too_much", "A counter ends at 2.")
        counter.add(1)

    await bench.path.change(call("k"), made.id, bounded)
    again = call("k")
    assert (await bench.path.change(again, made.id, bounded)).n == 2
    assert again.replayed
    await refused(Kind.LIMITED, "too_much", bench.path.change(call("l"), made.id, bounded))


async def test_a_replay_is_answered_though_the_state_now_forbids_it_or_the_etag_is_old(
    bench: Bench,
) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k", if_match=1), made.id, lambda counter: counter.add(1))
    again = call("k", if_match=1)
    answer = await bench.path.change(again, made.id, lambda counter: counter.add(-1))
    assert (answer.n, again.replayed) == (2, True)


async def test_a_change_key_with_other_content_is_refused(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.change(call("k"), made.id, lambda counter: counter.add(1))
    other = bench.path.change(call("k", "other"), made.id, lambda counter: counter.add(5))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", other)


async def test_a_key_of_a_create_is_not_another_key_of_a_change(bench: Bench) -> None:
    made = await bench.create(call("k"))
    changed = bench.path.change(call("k", "other"), made.id, lambda counter: counter.add(5))
    await refused(Kind.KEY_REUSED, "idempotency_key_reused", changed)


async def test_a_call_says_what_it_wrote_now_or_when_it_came_first(bench: Bench) -> None:
    first = call("k")
    made = await bench.create(first)
    assert first.wrote == {made.id: 1}
    for key, version in (("a", 2), ("b", 3)):
        mine = call(key)
        await bench.path.change(mine, made.id, lambda counter: counter.add(1))
        assert mine.wrote == {made.id: version}
    for key, version in (("k", 1), ("a", 2), ("b", 3)):
        again = call(key)
        await bench.path.change(again, made.id, lambda counter: counter.add(1))
        assert (again.replayed, again.wrote) == (True, {made.id: version})


async def test_what_changed_nothing_claims_no_version_that_somebody_else_wrote(
    bench: Bench,
) -> None:
    made = await bench.create(call("k"))
    nothing = call("n")
    await bench.path.change(nothing, made.id, lambda counter: None)
    await bench.path.change(call("o", who={"person": "p2"}), made.id, lambda each: each.add(1))
    again = call("n")
    assert (await bench.path.change(again, made.id, lambda counter: None)).version == 2
    assert again.replayed
    assert nothing.wrote == again.wrote == {}


async def test_what_is_hers_no_longer_came_before_all_the_same(bench: Bench) -> None:
    made = await bench.create(call("k"))
    await bench.path.change(call("c"), made.id, lambda counter: counter.add(1))

    def hidden(counter: object) -> None:
        raise not_found()

    for content, known in (("c", True), ("other", False)):
        again = call("c", content)
        await refused(Kind.NOT_FOUND, "not_found", bench.path.change(again, made.id, hidden))
        assert again.replayed is known
