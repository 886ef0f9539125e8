"""What the owner of an open share is warned of (F19), where she reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.component.privacy.test_policies import enacted
from tests.component.test_acknowledged_first import acknowledge
from tests.support.policies import with_keys
from tests.support.sharing import SHARES, WEEK, Sharing

KINDS = pytest.mark.parametrize("kind", ["goal", "observation", "administration"])


@pytest.fixture
async def north() -> Sharing:
    return await Sharing().begin()


def finding(warning: str, *evidence: str) -> dict[str, Any]:
    return {"warning": warning, "rule_version": 2, "evidence_ids": list(evidence)}


@KINDS
async def test_she_is_warned_for_the_week_before_it_is_over(north: Sharing, kind: str) -> None:
    end = north.at(WEEK + timedelta(days=2))
    share = await north.share(kind, expires_at=end)
    assert (await north.seen(kind, share))["warnings"] == []
    north.north.clock.forward(days=2, milliseconds=-1)
    assert (await north.seen(kind, share))["warnings"] == []
    north.north.clock.forward(milliseconds=1)
    told = await north.seen(kind, share)
    assert told["warnings"] == ["ends_soon"]
    assert told["findings"] == [finding("ends_soon", share)]
    north.north.clock.forward(days=7)
    assert (await north.seen(kind, share))["warnings"] == []


@KINDS
async def test_she_is_warned_of_who_has_left(north: Sharing, kind: str) -> None:
    share = await north.share(kind, "peer", "leader", expires_at=north.at(2 * WEEK))
    assert (await north.seen(kind, share))["warnings"] == []
    await north.north.roster(peer=None)
    listed = await north.ask("teacher", "GET", SHARES[kind])
    (told,) = listed.json()[f"{kind}_shares"]
    assert told["warnings"] == ["reader_left"]
    assert told["findings"] == [finding("reader_left", share, "peer")]
    assert {each["person_id"]: each["left"] for each in told["audience"]} == {
        "peer": True,
        "leader": False,
    }
    await north.revoke(kind, share)
    seen = await north.seen(kind, share)
    assert (seen["warnings"], [each["left"] for each in seen["audience"]]) == ([], [False, False])


@KINDS
async def test_she_is_warned_where_what_she_acknowledged_is_not_in_force_any_more(
    kind: str,
) -> None:
    """The share stays hers to revoke, and goes on until then."""
    north = await Sharing(with_keys("union", "guild")).begin()
    share = await north.share(kind, expires_at=north.at(2 * WEEK))
    policy = await enacted(north.north, "district")
    await north.north.settle()
    told = await north.seen(kind, share)
    assert told["warnings"] == ["not_acknowledged"]
    assert told["findings"] == [finding("not_acknowledged", share, policy["statement_id"])]
    await acknowledge(north.north, policy)
    told = await north.seen(kind, share)
    assert (told["warnings"], told["findings"]) == ([], [])


async def test_both_are_told_and_nobody_else_hears_of_it(north: Sharing) -> None:
    share = await north.share("goal", "peer", "leader")
    await north.north.roster(peer=None)
    assert (await north.seen("goal", share))["warnings"] == ["ends_soon", "reader_left"]
    (received,) = await north.received("goal", "leader")
    assert "warnings" not in received
    for who in ("leader", "coach", "admin"):
        answer = await north.ask(who, "GET", f"{SHARES['goal']}/{share}")
        assert answer.status_code == 404, who
