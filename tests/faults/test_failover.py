"""The cells of the fault matrix on three mongod nodes, with small counts."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.matrix import FAILOVERS, small
from tests.support.faults import Faulty, faulty_stack
from tests.support.replica_set import ThreeNodes


@pytest.fixture(scope="module")
async def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Faulty]:
    async with faulty_stack(tmp_path_factory.mktemp("three"), ThreeNodes) as running:
        yield running


@pytest.mark.parametrize("name", FAILOVERS)
async def test_failover(three_nodes: Faulty, name: str) -> None:
    await small(name)(three_nodes)
