"""Shares on MongoDB: each question is answered by an index, and reads hardly more than it shows;
what lets in, and what is erased, of shares that were begun at the wrong moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.access.erasures import Hers
from services.access.sharing.cases import BY_DATE, _bounds
from services.access.sharing.domain import Share, SharePurpose
from services.access.sharing.duties import erase_shares_by
from services.access.sharing.reading import OpenShares
from services.chassis.call import Call, Principal
from services.chassis.duties.each import every
from services.chassis.mongo import Database
from services.chassis.write.bell import LocalBell
from services.chassis.write.find_indexes import FindIndex
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.write_path import WritePath
from services.goals.bootstrap import INDEXES as GOALS
from services.goals.goal.cases import whose
from services.goals.goal.codec import GOALS as GOAL
from services.goals.goal.domain import Goal
from services.goals.measure.domain import Direction
from services.goals.share.codec import GOAL_SHARES
from services.observations.bootstrap import INDEXES as OBSERVATIONS
from services.surveys.bootstrap import INDEXES as SURVEYS
from tests.support.clocks import FakeClock
from tests.support.documents_suite import START, document, event
from tests.support.empty_view import EmptyView

SECOND, WEEK = timedelta(seconds=1), timedelta(days=7)
STATES = ("open", "revoked", "expired")


async def newest(db: Database) -> dict[str, Any]:
    """The newest profiled read of the aggregates."""
    asked = {"ns": f"{db.name}.aggregates", "op": {"$in": ["query", "command"]}}
    found = await db["system.profile"].find_one(asked, sort=[("$natural", -1)])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "indexes"),
    [
        ("goal_share", GOALS),
        ("observation_share", OBSERVATIONS),
        ("administration_share", SURVEYS),
    ],
)
async def test_every_question_has_its_index(
    db: Database, kind: str, indexes: tuple[FindIndex, ...]
) -> None:
    store = MongoDocuments(db, indexes)
    await store.ensure_indexes()
    for n in range(120):
        state = {
            "teacher": f"t{n % 4}",
            "artifact": f"g{n % 12}",
            "audience": [f"r{n % 5}", f"r{n % 7}"],
            "state": STATES[n // 12 % 3],
            "created_at": START,
            "text": "x" * 500,
        }
        await store.insert(document(f"id{n:03d}", kind=kind, state=state), event(1, f"id{n:03d}"))
    await db.command("profile", 2)
    lets_in = {"artifact": "g3", "audience": "r3", "state": "open"}
    for where, by, most in (
        (lets_in, None, 4),  # as many as are open of the artifact
        ({"audience": "r3", "state": "open"}, None, 20),
        ({"artifact": "g3"}, None, 10),
        ({"teacher": "t1"}, BY_DATE, 30),
        ({"teacher": "t1", "artifact": "g1"}, BY_DATE, 10),
    ):
        page = await store.find("d1", kind, where, "", 50, by=by)
        read = await newest(db)
        assert page.documents, where
        assert "IXSCAN" in read["planSummary"], where
        assert read["docsExamined"] <= most, (where, read["planSummary"], read["docsExamined"])
    assert await store.counts("d1", kind, _bounds("g3")) == [10, 4]
    counted = await newest(db)
    assert (counted["docsExamined"], counted["keysExamined"] <= 18) == (0, True)


class Kept:
    """Goals and their shares in a database."""

    def __init__(self, db: Database) -> None:
        self.documents, self.clock = MongoDocuments(db, GOALS), FakeClock()
        self.goals = WritePath(self.documents, GOAL, self.clock, LocalBell())
        self.shares = WritePath(self.documents, GOAL_SHARES, self.clock, LocalBell())
        self.open = OpenShares(self.shares, self.clock).beside(whose)

    async def goal(self, id: str, teacher: str) -> Goal:
        made = Goal(
            id=id, district="north", teacher=teacher, school_year=2027, statement="s",
            focus_skill="f", measure="m", unit="percent", direction=Direction.INCREASE, target=60,
            drafted_at=self.clock.now(), drafted_by=teacher,
        ).drafted()  # fmt: skip
        return await self.goals.create(Call("draft_goal", Principal("north", person=teacher)), made)

    async def share(self, id: str, goal: str, teacher: str, began: timedelta = SECOND) -> None:
        now = self.clock.now()
        made = Share(
            id=id, district="north", artifact=goal, teacher=teacher, audience=["reader"],
            purpose=SharePurpose.COACHING, once=False, expires_at=now + WEEK,
            created_at=now + began,
        ).created()  # fmt: skip
        await self.shares.create(Call("create", Principal("north", person=teacher)), made)

    async def lets_in(self, goal: Goal) -> str:
        shared = self.open(goal).shared
        assert shared is not None
        return await shared.by(Call("get_goal", Principal("north", person="reader")))


async def test_only_a_share_by_whose_it_is_lets_in(db: Database) -> None:
    kept = Kept(db)
    await kept.documents.ensure_indexes()
    goal = await kept.goal("g", "hers")
    await kept.share("another's", "g", "another")
    assert await kept.lets_in(goal) == ""
    await kept.share("her-own", "g", "hers")
    assert await kept.lets_in(goal) == "her-own"
    goal.withdraw("hers", kept.clock.now())
    assert await kept.lets_in(goal) == ""


async def test_what_was_begun_before_or_is_of_what_is_no_more_is_erased(db: Database) -> None:
    kept = Kept(db)
    await kept.documents.ensure_indexes()
    call = Call("erase_goals", Principal("north", duty="erase_goals"), causation="order")
    ordered_at = kept.clock.now()
    for goal in ("gone", "stays"):
        await kept.goal(goal, "hers")
    await kept.goals.erase(call, "gone", lambda each: each.erase())
    await kept.share("before", "stays", "hers", -SECOND)
    await kept.share("after", "stays", "hers")
    await kept.share("begun-meanwhile", "gone", "hers")
    await kept.share("others", "stays", "another", -SECOND)
    hers = Hers(["hers"], frozenset(["hers"]), EmptyView(), "north")
    await erase_shares_by(kept.shares, kept.goals, call, hers, ordered_at)
    left = [each.id async for each in every(kept.shares, "north", {"artifact": "stays"})]
    assert sorted(left) == ["after", "others"]
    assert await kept.shares.is_erased("north", "begun-meanwhile")
    assert len(await kept.goals.erased(call)) == 3
