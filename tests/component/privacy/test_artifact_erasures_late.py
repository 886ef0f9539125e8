"""An order for one thing that takes longer than it is asked for says nothing before all is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.access.artifact_erasures import LASTS
from services.access.erasures import A_MOMENT, SECOND_LOOK
from services.privacy.erasure.domain import SETTLES
from tests.component.test_artifact_erasures import Site
from tests.component.test_erasures import CANARY, HER

A_WHILE = timedelta(hours=2)  # in which to-dos that fail are tried again


@pytest.fixture
async def site() -> Site:
    site = Site()
    await site.begin()
    return site


async def tried(site: Site) -> str:
    asked = {"teacher_id": HER, "goal_id": site.work["goals"], "words": CANARY}
    made = await site.send(HER, "/goals/v1/trials", asked)
    await site.platform.settle()
    return str(made.json()["trial_id"])


async def test_as_long_as_what_hangs_on_it_cannot_be_read_neither_goes(site: Site) -> None:
    trial = await tried(site)
    stored: Any = vars(site.platform.services["goals"].backing.store)["_stored"][trial]
    readable, stored.document = stored.document, replace(stored.document, schema=99)
    order = await site.order("goal", site.work["goals"])
    await site.pass_by(SETTLES, SECOND_LOOK, LASTS, LASTS, LASTS)
    assert (await site.seen(order))["state"] == "under_way"
    assert "goals" in await site.there()
    stored.document = readable
    await site.pass_by(A_WHILE, LASTS, SECOND_LOOK, A_MOMENT)
    done = await site.seen(order)
    assert (done["state"], done["erased"]) == ("done", 2)
    assert site.holds(CANARY) == set()


async def test_what_is_gone_and_not_forgotten_yet_is_not_said_to_be_missing(site: Site) -> None:
    """Its relay stands still for longer than it is asked for: it is asked again."""
    trial, services = await tried(site), site.platform.services
    goals = services["goals"]
    order = await site.order("goal", site.work["goals"])
    await site.pass_by(SETTLES - A_MOMENT)
    services["goals"] = replace(goals, relay=None)
    await site.pass_by(A_MOMENT, SECOND_LOOK, LASTS, LASTS)
    assert "goals" not in await site.there()
    services["goals"] = goals
    await site.pass_by(SECOND_LOOK, SECOND_LOOK)
    said = repr(site.platform.log.all("coaching.privacy.v1"))
    assert "ArtifactErasureMissed" not in said
    assert said.count("ArtifactErasureDone") > 0
    done = await site.seen(order)
    assert (done["state"], done["erased"]) == ("done", 2)
    assert await site.status(HER, f"/goals/v1/trials/{trial}") == 404
