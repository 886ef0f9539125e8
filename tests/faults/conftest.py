from collections.abc import AsyncIterator

import pytest

from tests.support.faults import Faulty, faulty_stack


@pytest.fixture(scope="module")
async def faulty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Faulty]:
    """A stack and engines of the module's own."""
    async with faulty_stack(tmp_path_factory.mktemp("faults")) as running:
        yield running
