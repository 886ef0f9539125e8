"""What callers rely on, kept as it is: the OpenAPI document of each service, and what every
operation answers to good and bad requests. A deliberate change is written with GOLDEN=write
and read before it is committed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import pytest

from services.chassis.write import ids
from services.programs.record import recording
from tests.support.exchanges import NORTH, assert_golden, over_grpc, over_rest
from tests.support.filled import Filled
from tests.support.golden import FOLDER
from tests.support.platform import BOOTSTRAPS

GOOD = re.compile(r": good -> (2\d\d|OK)\b")
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
    same = SimpleNamespace(getrandbits=lambda bits: int.from_bytes(chance.randbytes(bits // 8)))
    monkeypatch.setattr(ids, "_random", same)
    monkeypatch.setattr(recording, "_salt", lambda: "5a17" * 8)
    platform = Filled()
    await platform.fill(NORTH, anew=True)
    lines = [line async for line in over(platform, service)]
    refused = [each for each in lines if ": good -> " in each and not GOOD.search(each)]
    assert not refused, "an example of success is refused: see filled.py and operations.py"
    name = over.__name__.removeprefix("over_")
    assert_golden(f"exchanges/{service}.{name}.txt", "\n".join(lines) + "\n")


def test_a_difference_says_which_exchanges_and_what_writes_them_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GOLDEN", raising=False)
    kept = (FOLDER / "exchanges/privacy.rest.txt").read_text()
    line = next(each for each in kept.splitlines() if "no token" in each)
    asked, _, _ = line.partition(" -> ")
    with pytest.raises(pytest.fail.Exception) as told:
        assert_golden("exchanges/privacy.rest.txt", kept.replace(line, f"{asked} -> 200", 1))
    title, before, after, write = str(told.value).splitlines()
    assert title == f"exchanges/privacy.rest.txt differs: {asked}"
    assert (before, after) == (f"-{line}", f"+{asked} -> 200")
    assert "GOLDEN=write .venv/bin/pytest tests/contract/test_exchanges.py" in write
