"""What callers rely on, kept as it is: the OpenAPI document of each service, and what every
operation answers to good and bad requests. A deliberate change is written with GOLDEN=write
and read before it is committed."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.exchanges import NORTH, assert_golden, over_grpc, over_rest
from tests.support.filled import Filled
from tests.support.platform import BOOTSTRAPS

each_service = pytest.mark.parametrize("service", BOOTSTRAPS)


@each_service
def test_the_openapi_document(service: str) -> None:
    document = Filled().services[service].app.openapi_schema
    assert_golden(f"openapi/{service}.json", json.dumps(document, indent=1) + "\n")


@each_service
@pytest.mark.parametrize("over", [over_rest, over_grpc])
async def test_the_exchanges(
    service: str,
    over: Callable[[Filled, str], AsyncIterator[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(service)  # lists are in the order of ids
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=chance.randbytes(16), version=4))
    platform = Filled()
    await platform.fill(NORTH)
    lines = [line async for line in over(platform, service)]
    name = over.__name__.removeprefix("over_")
    assert_golden(f"exchanges/{service}.{name}.txt", "\n".join(lines) + "\n")
