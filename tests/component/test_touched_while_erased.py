"""What somebody does with a thing in the instant in which retention is about to erase it keeps the
thing whole: with the answers to a survey, the shares of a goal and what is typed about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from bson import encode

from services.chassis.crash_points import Crashed
from tests.component.test_erasures import BYSTANDER, COACH, HER
from tests.component.test_retention import DAYS, GONE, Keeping

LONGER = GONE + timedelta(days=DAYS + 1)


class Touched(Keeping):
    """A goal that is shared and typed about, and an open survey with an answer."""

    async def begin(self) -> Touched:
        await super().begin()
        await self.enacts(1, goals=DAYS, surveys=DAYS)
        return self

    async def shared(self) -> None:
        """On the last day, as shares do not last for so long."""
        await self.at(GONE - timedelta(days=1))
        goal = self.work["goals"]
        until = (GONE + timedelta(days=90)).isoformat().replace("+00:00", "Z")
        body = {
            "goal_id": goal,
            "audience": [{"person_id": BYSTANDER}],
            "purpose": "coaching",
            "expires_at": until,
        }
        made = await self.send(HER, "/goals/v1/shares", body)
        self.share = f"/goals/v1/shares/{made.json()['goal_share_id']}"
        self.draft = f"/goals/v1/drafts/{uuid4()}"
        said = {"kind": "goal", "about_id": goal, "texts": []}
        await self.platform.ask(f"north/{COACH}", "PUT", self.draft, said)

    @contextlib.contextmanager
    def touched(self, service: str) -> Iterator[None]:
        """Who erases her thing has lost a race, once, against who has done something with it."""
        store: Any = self.platform.services[service].backing.store
        erase, id_, left = store.erase, self.work[service], [1]

        async def late(before: Any, event: Any) -> Any:
            if before.id == id_ and left:
                left.clear()
                found = vars(store)["_stored"][id_]
                state, now = dict(found.read().state), self.platform.clock.now()
                if service == "goals":
                    state["activated_at"] = now
                else:
                    state["history"] = [*state["history"], {**state["history"][-1], "at": now}]
                found.state = encode(state)
                found.document = replace(found.document, version=found.document.version + 1)
            return await erase(before, event)

        with patch.object(store, "erase", late):
            yield
        assert not left

    def sheets_left(self) -> int:
        return len([each for each in self.sheets._seats.values() if each.sheet])

    async def beside_the_goal(self) -> tuple[int, int]:
        return await self.status(HER, self.share), await self.status(COACH, self.draft)


@pytest.fixture
async def touched() -> Touched:
    return await Touched().begin()


async def test_a_survey_that_stays_keeps_its_answers(touched: Touched) -> None:
    with touched.touched("surveys"):
        await touched.at(GONE)
    assert "surveys" in await touched.there()
    assert touched.sheets_left() == 1
    await touched.at(LONGER)
    assert "surveys" not in await touched.there()
    assert touched.sheets_left() == 0


async def test_a_goal_that_stays_keeps_its_shares_and_what_is_typed_about_it(
    touched: Touched,
) -> None:
    await touched.shared()
    with touched.touched("goals"):
        await touched.at(GONE)
    assert "goals" in await touched.there()
    assert await touched.beside_the_goal() == (200, 200)
    await touched.at(LONGER)
    assert "goals" not in await touched.there()
    assert await touched.beside_the_goal() == (404, 404)


async def test_what_is_beside_it_goes_though_who_erased_it_has_ended(touched: Touched) -> None:
    """Right after the erasing write; and its to-do is taken up only when the round is over."""
    await touched.shared()
    touched.platform.clock.set(GONE)
    for service in ("goals", "surveys"):
        store: Any = touched.platform.services[service].backing.store
        erase, id_ = store.erase, touched.work[service]

        async def ended(before: Any, event: Any, erase: Any = erase, id_: str = id_) -> Any:
            done = await erase(before, event)
            if before.id == id_:
                raise Crashed(id_)
            return done

        with patch.object(store, "erase", ended), pytest.raises(Crashed):
            await touched.platform.settle()
        assert service not in await touched.there()
    touched.platform.clock.forward(minutes=11)
    await touched.platform.settle()
    assert (await touched.beside_the_goal())[0] == 404
    assert touched.sheets_left() == 0
