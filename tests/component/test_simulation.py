"""Thousands of short lives of the whole platform, each from one seed: whatever fails and
dies and comes late, the end is right.

`SEEDS=n` runs n of them instead of 2,000; `SEED=n` runs that one alone, again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any
from unittest import mock

import pytest

from services.chassis.views.batch import Batcher
from services.chassis.views.projection import Fact, Row, apply_fact
from services.chassis.write.documents import Pending
from services.chassis.write.relay import Relay
from tests.support.simulation_people import run_seed

SEEDS = int(os.environ.get("SEEDS", "2000"))
ONE = os.environ.get("SEED", "")
SHARE = 50  # seeds that a worker takes at once
NOTICED_WITHIN = 200  # seeds, each of which may miss a defect


def failures(seeds: Sequence[int]) -> list[str]:
    """Which of these seeds fail, and how."""
    logging.disable(logging.CRITICAL)
    try:
        return [f"SEED={seed}: {told}" for seed in seeds if (told := failure(seed))]
    finally:
        logging.disable(logging.NOTSET)


def failure(seed: int) -> str:
    try:
        run_seed(seed)
    except Exception as error:  # noqa: BLE001 # whatever a defect may raise
        return f"{type(error).__name__}: {str(error)[:300]}"
    return ""


def test_every_seed_ends_right() -> None:
    if ONE:
        run_seed(int(ONE))
        return
    shares = [range(first, min(first + SHARE, SEEDS)) for first in range(0, SEEDS, SHARE)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        failed = [told for some in workers.map(failures, shares) for told in some]
    assert not failed, f"{len(failed)} of {SEEDS} seeds fail; the first: {failed[:5]}"


@pytest.mark.parametrize("seed", [3, 8])
def test_a_seed_replays(seed: int) -> None:
    assert run_seed(seed) == run_seed(seed)


def no_version_guard(row: Row, fact: Fact, envelope: Any) -> dict[str, Any]:
    group = row["facts"].get(fact.group, {})
    group.pop(fact.id, None)
    return apply_fact(row, fact, envelope)


async def clear_before_ack(self: Any, producer: Any, waiting: Sequence[Pending]) -> Any:
    versions = {each.id: [event.version for event in each.events] for each in waiting}
    await self._outbox.clear(versions)
    return await _publish(self, producer, waiting)


_publish = Relay._publish

WENT_BACK = "a fact went back"
# what is broken: where, by what, and what must be told
DEFECTS: dict[str, tuple[str, Any, str]] = {
    "a fact is replaced by an older version": (
        "services.chassis.views.fold.apply_fact",
        no_version_guard,
        WENT_BACK,
    ),
    "a row that is not in memory is begun anew": (
        "services.chassis.views.batch.missing",
        lambda cache, wanted: {},
        WENT_BACK,
    ),
    "an outbox is cleared before the ack": (
        "services.chassis.write.relay.Relay._publish",
        clear_before_ack,
        "",
    ),
    "rows are kept after an unknown outcome": (
        "services.chassis.views.batch.Batcher.drop",
        lambda self: None,
        "",
    ),
    "an idempotency key is not looked up": (
        "services.chassis.write.write_path._use_of",
        lambda document, key: None,
        "",
    ),
}


@contextmanager
def defective(defect: str) -> Iterator[None]:
    target, broken, _ = DEFECTS[defect]
    with mock.patch(target, broken):
        yield


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_simulation_notices(defect: str) -> None:
    assert Batcher.drop is not None
    with defective(defect):
        for seed in range(NOTICED_WITHIN):
            failed = failures([seed])
            if failed and DEFECTS[defect][2] in failed[0]:
                return
    raise AssertionError("a broken platform passed for a right one")
