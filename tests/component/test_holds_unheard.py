"""A legal hold keeps what somebody has with others, also in a service that has not heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from services.access.artifact_erasures import LASTS
from services.access.erasures import A_MOMENT, AFTER_HOLD, SECOND_LOOK
from services.access.projection import access_projection
from services.privacy.erasure.domain import LOOKS_AGAIN, SETTLES
from tests.component.test_artifact_erasures import Site
from tests.component.test_erasures import ADMIN, COACH, COUNTS, HER, WHY, Erased
from tests.component.test_holds_on_others import of, order, release


@contextmanager
def hears_nothing(erased: Erased, service: str) -> Iterator[None]:
    """Its view of who may see what stands still."""
    services, group = erased.platform.services, access_projection(service).group
    known = services[service]
    ahead = [each for each in known.projectors if each.projection.group != group]
    assert len(ahead) == len(known.projectors) - 1
    services[service] = replace(known, projectors=tuple(ahead))
    yield
    services[service] = known


async def hold(erased: Erased, person: str) -> None:
    (await erased.send(ADMIN, f"{of(person)}/hold", WHY)).raise_for_status()
    await erased.platform.settle()


async def test_what_she_has_with_her_coach_stays_where_the_hold_on_him_is_not_known() -> None:
    """And where its end is not known; it goes once that is."""
    erased = await Erased().begin()
    with hears_nothing(erased, "programs"):
        await hold(erased, COACH)
        await order(erased, HER)
        assert await erased.there() == set(COUNTS) - {"surveys"}
        assert "programs" in (await release(erased, COACH, HER))["awaited"]
        assert await erased.there() == {"programs"}
    erased.platform.clock.forward(seconds=AFTER_HOLD.total_seconds())
    await erased.platform.settle()
    await erased.later()
    assert (await erased.get(ADMIN, of(HER)))["state"] == "done"
    assert await erased.there() == set()


async def test_a_hold_that_was_lifted_and_placed_again_unheard_keeps_it() -> None:
    erased = await Erased().begin()
    await hold(erased, COACH)
    (await erased.send(ADMIN, f"{of(COACH)}/release", WHY)).raise_for_status()
    await erased.platform.settle()
    with hears_nothing(erased, "programs"):
        await hold(erased, COACH)
        await order(erased, HER)
        assert "programs" in await erased.there()


async def test_one_thing_that_names_him_stays_where_the_hold_on_him_is_not_known() -> None:
    site = Site()
    await site.begin()
    await site.observed_and_surveyed()
    with hears_nothing(site, "observations"):
        await hold(site, COACH)
        ordered = await site.order("observation", site.work["observations"])
        assert (await site.done(ordered))["state"] == "under_way"
        assert "observations" in await site.there()
    (await site.send(ADMIN, f"{of(COACH)}/release", WHY)).raise_for_status()
    await site.pass_by(LASTS, SECOND_LOOK, A_MOMENT)
    assert (await site.seen(ordered))["state"] == "done"
    assert "observations" not in await site.there()


async def test_with_more_holds_than_an_order_can_tell_of_none_begins() -> None:
    site = Site()
    await site.begin()
    await hold(site, COACH)
    with patch("services.privacy.in_force.MOST_HELD", 0):
        alone = await site.order("goal", site.work["goals"])
        assert (await order(site, HER))["state"] == "pending"
        assert (await site.seen(alone))["state"] == "pending"
        assert "goals" in await site.there()
    (await site.send(ADMIN, f"{of(COACH)}/release", WHY)).raise_for_status()
    await site.pass_by(SETTLES + LOOKS_AGAIN, SECOND_LOOK, A_MOMENT)
    assert (await site.get(ADMIN, of(HER)))["state"] == "done"
