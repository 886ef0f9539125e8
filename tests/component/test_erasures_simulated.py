"""Lives of a district in which all about a person is erased again and again, and what has had its
time between, each from one seed: of that nothing is anywhere, and all else is there.

`SEEDS=n` runs n of them instead of 26; `SEED=n` runs that one alone, again.
"""

from __future__ import annotations

import os
from dataclasses import replace
from unittest import mock

from services.access.retention_round import RetentionRound
from services.chassis.duties.duty import Todo
from tests.component.test_simulation import all_of, failures
from tests.support.simulation_erased import erased_seed

SEEDS = int(os.environ.get("SEEDS", "26"))
ONE = os.environ.get("SEED", "")
NOTICED_BY = range(71, 131)  # lives of which every eighth notices


def test_every_seed_ends_right() -> None:
    if ONE:
        erased_seed(int(ONE))
        return
    met = all_of(SEEDS, erased_seed)
    assert met["erasure", "erased"] > SEEDS
    assert met["erasure", "kept"] > SEEDS
    assert met["erasure", "restored"] > SEEDS / 10
    assert met["erasure", "retained"] > SEEDS / 2
    assert met["erasure", "single"] > SEEDS / 4


def test_a_seed_replays() -> None:
    assert erased_seed(3) == erased_seed(3)


def test_a_round_that_knows_no_hold_is_noticed() -> None:
    read = RetentionRound.of

    def without_holds(todo: Todo, name: str) -> RetentionRound | None:
        found = read(todo, name)
        return found and replace(found, held=frozenset())

    with mock.patch.object(RetentionRound, "of", without_holds):
        for seed in NOTICED_BY:
            failed, _ = failures([seed], erased_seed)
            if failed:
                return
    raise AssertionError("a broken platform passed for a right one")
