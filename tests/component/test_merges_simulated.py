"""Lives of a district whose administrator merges and parts records again and again, each from one
seed: in the end each thing is with the record that is kept of whoever began it.

`SEEDS=n` runs n of them instead of 40; `SEED=n` runs that one alone, again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from unittest import mock

import pytest

from services.access import merges
from services.roster.match import deciding
from tests.component.test_simulation import all_of, failures
from tests.support.simulation_merges import merge_seed

SEEDS = int(os.environ.get("SEEDS", "40"))
ONE = os.environ.get("SEED", "")
NOTICED_WITHIN = 120  # seeds, each of which may miss a defect


def test_every_seed_ends_right() -> None:
    if ONE:
        merge_seed(int(ONE))
        return
    met = all_of(SEEDS, merge_seed)
    assert met["merge", "merged"] > SEEDS / 2
    assert met["merge", "parted"] > SEEDS / 4


def test_a_seed_replays() -> None:
    assert merge_seed(3) == merge_seed(3)


async def whatever_is_known(self: merges.Merge, view: Any) -> bool:
    return True


async def nothing_reserved(*_: Any) -> Any:
    return mock.Mock(times_given_up=0)


DEFECTS: Mapping[str, tuple[Any, str, Any]] = {
    "a to-do acts whatever its view says": (merges.Merge, "holds", whatever_is_known),
    "nothing is reserved": (deciding, "_reserve", nothing_reserved),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_simulation_notices(defect: str) -> None:
    where, name, broken = DEFECTS[defect]
    with mock.patch.object(where, name, broken):
        for seed in range(NOTICED_WITHIN):
            failed, _ = failures([seed], merge_seed)
            if failed:
                return
    raise AssertionError("a broken platform passed for a right one")
