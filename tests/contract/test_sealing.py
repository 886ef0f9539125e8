"""The key in memory keeps what keys promise."""

import pytest

from services.chassis.write.memory_sealing import MemorySealingKey
from tests.support.sealing_suite import SealingSuite


@pytest.fixture
def processes() -> list[MemorySealingKey]:
    return [MemorySealingKey()]


class TestSealing(SealingSuite):
    pass


async def test_another_service_has_another_key() -> None:
    assert await MemorySealingKey().key() != await MemorySealingKey().key()
