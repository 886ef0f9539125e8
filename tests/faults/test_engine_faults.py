"""The cells of the fault matrix about engines and the ways to them, with small counts."""

import pytest

from tests.faults.matrix import ENGINES, small
from tests.support.faults import Faulty


@pytest.mark.parametrize("name", ENGINES)
async def test_cell(faulty: Faulty, name: str) -> None:
    await small(name)(faulty)
