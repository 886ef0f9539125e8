"""The views' store on a real MongoDB."""

import asyncio

import pytest

from services.chassis.mongo import Database
from services.chassis.views.mongo_parked import MongoParked
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rows import Batch, Change, Fence, Generation, Outcome
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
