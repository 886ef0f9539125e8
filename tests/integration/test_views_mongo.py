"""The views' store on a real MongoDB."""

import asyncio

import pytest

from services.chassis.mongo import Database
from services.chassis.views.mongo_parked import MongoParked
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.rows import Batch, Change, Fence, Generation, Outcome
from tests.support.views_suite import NOW, TERMS, ViewsSuite, claim


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
