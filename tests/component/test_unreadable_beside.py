"""A list of what can be read goes on whatever stands beside it: what its things are called, what
they come from and what may be done with them may have been stored by a newer build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.write.memory_documents import MemoryDocuments
from tests.component.test_unreadable_states import LISTS, NORTH, ROUTES
from tests.support.filled import Filled
from tests.support.operations import caller_of

Told = Mapping[str, Any]
# Who is in a meeting, and who is a pair already or has said no, stands in what is newer.
NOT_GUESSED = ("list_takeaways", "list_pair_suggestions", "list_coach_suggestions")


@contextmanager
def newer(platform: Filled, service: str, kind: str) -> Iterator[None]:
    """All that the service has stored, but for this kind."""
    store = platform.services[service].backing.store
    assert isinstance(store, MemoryDocuments)
    before = {id_: each.document for id_, each in store._stored.items()}
    for each in store._stored.values():
        if not each.document.kind.endswith(kind):  # goal_share is a share, too
            each.document = replace(each.document, schema=99)
    yield
    for id_, each in store._stored.items():
        each.document = before[id_]


async def listed(platform: Filled, operation: str) -> Told:
    route, ids = ROUTES[operation], platform.ids[NORTH]
    query = "?" + "&".join(f"{name}={ids[name]}" for name in route.asks)
    async with platform.client(route.service, caller_of(operation, NORTH)) as client:
        told: Told = (await client.get(route.path(ids) + query)).json()
    return told


@pytest.fixture(scope="module")
async def answers() -> Mapping[str, tuple[Told, Told]]:
    """Each list while all else is newer, and as it is. The former all first, and of a platform that
    others have filled: as after a restart nothing that is published is in memory."""
    for platform in (Filled(), Filled()):
        await platform.fill(NORTH)
    found: dict[str, Told] = {}
    for operation, kind in LISTS.items():
        with newer(platform, ROUTES[operation].service, kind):
            found[operation] = await listed(platform, operation)
    return {each: (found[each], await listed(platform, each)) for each in LISTS}


@pytest.mark.parametrize("operation", LISTS)
async def test_a_list_goes_on_whatever_is_newer_beside_it(
    answers: Mapping[str, tuple[Told, Told]], operation: str
) -> None:
    found, whole = answers[operation]
    if operation in NOT_GUESSED:
        assert found["code"] == "needs_upgrade"
        return
    things = next(name for name, value in whole.items() if isinstance(value, list))
    assert things in found, found
    assert len(found[things]) == len(whole[things]) > 0
    assert found["left_out"] == whole["left_out"] == 0
