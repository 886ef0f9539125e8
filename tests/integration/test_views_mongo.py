"""The views' store on a real MongoDB."""

import asyncio

import pytest

from services.chassis.log.source import Positions
from services.chassis.mongo import Database
from services.chassis.views.erased import COLLECTION as ERASED
from services.chassis.views.fence import MongoFences
from services.chassis.views.mongo_parked import MongoParked
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rows import Batch, Change, Fence, Generation, Outcome
from services.ctl.exits import Stop
from services.ctl.rebuilding import go_back
from tests.support.goal_cards import START
from tests.support.views_suite import NOW, TERMS, ViewsSuite, claim, created, made, parked


class TestMongoViews(ViewsSuite):
    @pytest.fixture
    async def views(self, db: Database) -> MongoViews:
        views = MongoViews(db)
        await views.ensure_indexes()
        return views

    @pytest.fixture
    def messages(self, db: Database) -> MongoParked:
        return MongoParked(db)


async def test_a_claim_ends_the_open_transaction_of_the_member_before(db: Database) -> None:
    """Without that the successor would wait for a minute on the locks of a dead member."""
    dead, successor = MongoViews(db), MongoViews(db)
    held = (await claim(dead, 0))[0]
    session = await dead._own_session(NOW.group)
    session.start_transaction()
    fences = {0: Fence(held.rev, {"t.v1": 5})}
    assert await dead._fences.advance(NOW.group, fences, session)
    claimed = (await claim(successor, 0))[0]
    assert claimed.positions == {}
    change = Change("cards", "r", {"n": 1}, new=True)
    batch = Batch(NOW, {0: Fence(claimed.rev, {"t.v1": 1})}, [change])
    assert await successor.commit(batch) is Outcome.COMMITTED
    # the dead one wakes: its session lives on, its rev is gone
    await dead._abort(session)
    assert await dead.commit(Batch(NOW, fences)) is Outcome.FENCED


async def test_a_claim_also_ends_an_own_transaction_whose_abort_got_lost(db: Database) -> None:
    views = MongoViews(db)
    held = (await claim(views, 0))[0]
    session = await views._own_session(NOW.group)
    session.start_transaction()
    assert await views._fences.advance(NOW.group, {0: Fence(held.rev, {"t.v1": 5})}, session)
    lsid = bytes(session.delegate.session_id["id"])
    claimed = (await views._fences.claim(NOW.group, [0], TERMS, lsid))[0]
    assert claimed.positions == {}
    assert claimed.rev == held.rev + 1


async def test_a_build_of_which_some_was_dropped_is_found_again_and_dropped_whole(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies in the middle of it leaves nothing that nobody finds any more."""
    views = MongoViews(db)
    await views.commit(Batch(NOW, await claim(views, 0, 2), [created("r", {"n": 1})], [parked()]))
    built = await made(views)
    await views.flip(built)

    async def dies(group: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(views._parked, "drop", dies)
        with pytest.raises(KeyboardInterrupt):
            await views.drop_others(built, ["cards"])
    assert (await MongoViews(db).builds("suite")).others == [NOW]
    await MongoViews(db).drop_others(built, ["cards"])
    for name in ("cards", "view_parked", "view_freshness"):
        assert await db[name].find({}).to_list(None) == [], name
    assert (await MongoViews(db).builds("suite")).others == []


STEPS = ["fences.stop", "rows.drop", "parked.drop", "rows.delete_one", "fences.drop"]


async def nothing() -> tuple[Positions, Positions]:
    """That could lack."""
    return {}, {}


@pytest.mark.parametrize("step", STEPS)
async def test_nobody_goes_back_to_a_build_whose_drop_has_begun_wherever_it_was_ended(
    db: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    place = {"fences": MongoFences, "parked": MongoParked, "rows": type(db["cards"])}
    views = MongoViews(db)
    await views.commit(Batch(NOW, await claim(views, 0, 2), [created("r", {"n": 1})], [parked()]))
    built = await made(views)
    assert await views.come_into_use(built, alone=False)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(place[step.partition(".")[0]], step.partition(".")[2], dies)
        with pytest.raises(KeyboardInterrupt):
            await views.drop(NOW, ["cards"])
    assert (await MongoViews(db).builds("suite")).others == [NOW]
    with pytest.raises(Stop, match="no build before 1"):
        await go_back("suite", MongoViews(db), nothing)
    assert not await MongoViews(db).flip(NOW)
    assert await MongoViews(db).generation("suite") == built
    await MongoViews(db).drop_others(built, ["cards"])
    assert (await MongoViews(db).builds("suite")).others == []


async def test_of_who_goes_back_and_who_drops_only_one_has_its_way(db: Database) -> None:
    for _ in range(20):
        views, other = MongoViews(db), MongoViews(db)
        await claim(views, 0)
        before = await views.generation("suite")
        built = await made(views)
        assert await views.come_into_use(built, alone=False)
        went, dropped = await asyncio.gather(views.flip(before), other.drop(before, ["cards"]))
        assert went is not dropped
        assert await views.generation("suite") == (before if went else built)


async def test_of_builds_of_before_it_was_written_down_which_are_whole_all_are(
    db: Database,
) -> None:
    views = MongoViews(db)
    await db["view_generations"].insert_one({"_id": "suite", "current": 2, "last": 2})
    first, second = Generation("suite", 1), Generation("suite", 2)
    assert await views.flip(first)
    assert await views.flip(second)
    assert await views.drop(first, ["cards"])
    assert [await views.flip(each) for each in (first, NOW)] == [False, True]


async def test_nothing_of_its_members_lands_in_a_build_that_is_being_dropped(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, member = MongoViews(db), MongoViews(db)
    fences = await claim(member, 0)
    built = await made(views)
    await views.flip(built)
    drop, outcomes = views._parked.drop, []

    async def meanwhile(group: str) -> None:
        late = Change("cards", "r", {"n": 1}, new=True)
        outcomes.append(await member.commit(Batch(NOW, fences, [late])))
        await drop(group)

    monkeypatch.setattr(views._parked, "drop", meanwhile)
    await views.drop_others(built, ["cards"])
    assert outcomes == [Outcome.FENCED]
    assert await db["cards"].find({}).to_list(None) == []


async def test_projectors_of_different_groups_share_a_store(db: Database) -> None:
    views = MongoViews(db)

    async def project(name: str) -> list[Outcome]:
        build = Generation(name, 0)
        rev = (await claim(views, 0, group=build.group))[0].rev
        outcomes = []
        for number in range(20):
            change = Change(name, "r", {"n": number}, new=True)
            batch = Batch(build, {0: Fence(rev + number, {"t.v1": number})}, [change])
            outcomes.append(await views.commit(batch))
        return outcomes

    both = await asyncio.gather(project("cards"), project("access"))
    assert list(both) == [[Outcome.COMMITTED] * 20] * 2


async def test_a_district_that_was_erased_is_told(db: Database) -> None:
    views = MongoViews(db)
    assert await views.erased_districts() == {}
    await db[ERASED].insert_one({"_id": "d1", "erased_at": START})
    assert await views.erased_districts() == {"d1": START}
