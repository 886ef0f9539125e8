"""The cells of the fault matrix about processes, with small counts; `make soak` runs the same
cells for longer."""

import pytest

from tests.faults.matrix import PROCESSES, small
from tests.support.faults import Faulty


@pytest.mark.parametrize("name", PROCESSES)
async def test_cell(faulty: Faulty, name: str) -> None:
    await small(name)(faulty)
