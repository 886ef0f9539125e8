"""Thousands of short lives of the whole platform, each from one seed: whatever fails and
dies and comes late, the end is right.

`SEEDS=n` runs n of them instead of 1,000, and n / 10 during which insights is upgraded to a
build with one topic more; `SEED=n` runs that one alone, again. From 2,000 on, each call must have
met each kind of trouble.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any
from unittest import mock

import pytest

from services.chassis.duties.duty import DONE, Todo
from services.chassis.duties.todos import Settled, Todos
from services.chassis.log.producer import EventProducer
from services.chassis.views.batch import Batcher
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Fact, Row, apply_fact
from services.chassis.views.rows import Views
from services.chassis.write.documents import Documents, Journal, Outbox, Pending
from services.chassis.write.drafts import Draft, Drafts
from services.chassis.write.memory_drafts import MemoryDrafts
from services.chassis.write.relay import Relay
from services.surveys.administration.seats import Seats
from tests.support.garbage import let_be
from tests.support.simulation_net import TROUBLES, Met, WatchedViews
from tests.support.simulation_people import run_seed
from tests.support.simulation_roll import roll_seed

Run = Callable[[int, Met | None], list[str]]
SEEDS = int(os.environ.get("SEEDS", "1000"))
ONE = os.environ.get("SEED", "")
SHARE = 50  # seeds that a worker takes at once
NOTICED_WITHIN = 200  # seeds, each of which may miss a defect
ENOUGH = 1_000  # seeds, in which even the rarest call meets each trouble
PORTS: dict[str, type] = {
    "documents": Documents,
    "outbox": Outbox,
    "journal": Journal,
    "seats": Seats,
    "drafts": Drafts,
    "views": Views,
    "todos": Todos,
    "producer": EventProducer,
}
# what nobody calls in a life: docs/reliability.md, "What these tests do not reach"
NOT_CALLED = {
    "documents.erase",
    "documents.erased",
    "documents.is_erased",
    "outbox.backlog",
    "journal.read",
    "journal.newest",
    "drafts.find",
    "drafts.all_of",
    "drafts.move",
    "drafts.reassign",
    "drafts.erase_about",
    "drafts.erase",
    "drafts.leave",
    "views.next_generation",
    "views.count_parked",
    "views.to_redrive",
    "views.count",
    "views.drop",
    "views.drop_others",
    "views.builds",
    "views.come_into_use",
    "views.flip",
    "views.freshness",
    "views.reported",
    "views.scan",
    "todos.ensure_indexes",
    "todos.get",
    "todos.list",
    "todos.retry",
    "todos.give_up",
}
NOT_REFUSED = {"producer.abandon"}  # it asks nobody


def failures(seeds: Sequence[int], run: Run = run_seed) -> tuple[list[str], Met]:
    """Which of these seeds fail, and how; which trouble the others met."""
    met: Met = Counter()
    logging.disable(logging.CRITICAL)
    try:
        failed = [f"SEED={seed}: {told}" for seed in seeds if (told := failure(seed, met, run))]
    finally:
        logging.disable(logging.NOTSET)
    return failed, met


def failure(seed: int, met: Met, run: Run) -> str:
    try:
        run(seed, met)
    except Exception as error:  # noqa: BLE001 # whatever a defect may raise
        return f"{type(error).__name__}: {str(error)[:300]}"
    return ""


def test_every_seed_ends_right() -> None:
    if ONE:
        run_seed(int(ONE))
        return
    met = all_of(SEEDS, run_seed)
    assert {call for call, _ in met} <= called(), "a call that is not listed"
    spared = [
        pair for call in sorted(called()) for kind in TROUBLES if not met[pair := (call, kind)]
    ]
    assert SEEDS < ENOUGH or not spared, f"never in trouble: {spared}; met: {met}"


def test_every_seed_ends_right_while_a_build_with_one_topic_more_takes_over() -> None:
    if ONE:
        roll_seed(int(ONE))
        return
    count = max(SEEDS // 10, 1)
    met = all_of(count, roll_seed)
    # both builds were there to the end in many lives, and the older knew that it was superseded
    assert count < 50 or met["roll", "side by side"] > count / 4
    assert count < 50 or met["roll", "aside"] > count / 4


def all_of(count: int, run: Run) -> Met:
    """What so many seeds have met; none may fail."""
    shares = [range(first, min(first + SHARE, count)) for first in range(0, count, SHARE)]
    spawned = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), spawned, initializer=let_be) as workers:
        results = list(workers.map(partial(failures, run=run), shares))
    failed = [told for some, _ in results for told in some]
    assert not failed, f"{len(failed)} of {count} seeds fail; the first: {failed[:5]}"
    return sum((some for _, some in results), Met())


def called() -> set[str]:
    """Every call of a life to a store or the log that can be in trouble."""
    every = {
        f"{port}.{name}"
        for port, protocol in PORTS.items()
        for name, _ in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }
    assert every >= NOT_CALLED | NOT_REFUSED
    return (every - NOT_CALLED - NOT_REFUSED) | {"access.row"}


@pytest.mark.parametrize("seed", [3, 8])
@pytest.mark.parametrize("run", [run_seed, roll_seed])
def test_a_seed_replays(seed: int, run: Run) -> None:
    assert run(seed, None) == run(seed, None)


def no_version_guard(row: Row, fact: Fact, envelope: Any) -> dict[str, Any]:
    group = row["facts"].get(fact.group, {})
    group.pop(fact.id, None)
    return apply_fact(row, fact, envelope)


async def clear_before_ack(self: Any, producer: Any, waiting: Sequence[Pending]) -> Any:
    versions = {each.id: [event.version for event in each.events] for each in waiting}
    await self._outbox.clear(versions)
    return await _publish(self, producer, waiting)


async def marked_before_it_is_run(self: Any, todo: Todo) -> bool:
    taken = await self._todos.take(todo, self._clock.now() + timedelta(seconds=60), todo.tries + 1)
    if taken is not None:
        await self._todos.settle(taken, Settled(DONE, taken.due, taken.due, taken.tries))
        await self._run(taken)
    return taken is not None


async def always_known(self: Any, row_id: str, aggregate: str, version: int) -> bool:
    return True


async def save_unseen(self: Any, draft: Draft, seen: int | None) -> Draft:
    return await _save(self, draft, None)


_publish = Relay._publish
_save = MemoryDrafts.save

WENT_BACK, LEFT = "a fact went back", "left behind"
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
        "services.chassis.write.write_path.earlier_use",
        lambda document, call: None,
        "",
    ),
    "a duty is marked before it is run": (
        "services.chassis.duties.runner.DutyRunner._try",
        marked_before_it_is_run,
        LEFT,
    ),
    "a duty is decided by an older view": (
        "services.access.directory.CachedDirectory.knows",
        always_known,
        LEFT,
    ),
    "a draft is saved over what its author did not see": (
        "services.chassis.write.memory_drafts.MemoryDrafts.save",
        save_unseen,
        "saved over what was not seen",
    ),
    "a correction does not keep what was before": (
        "services.goals.goal.progress.with_one_more",
        lambda earlier, old, new, was, most, full: (was,),
        "corrected not once each",
    ),
}


# of a defect that few seeds tell: one that does, which is tried first
TELLS = {"a duty is marked before it is run": 52, "a duty is decided by an older view": 101}


@contextmanager
def defective(defect: str) -> Iterator[None]:
    target, broken, _ = DEFECTS[defect]
    with mock.patch(target, broken):
        yield


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_simulation_notices(defect: str) -> None:
    assert Batcher.drop is not None
    with defective(defect):
        for seed in (TELLS.get(defect, 0), *range(NOTICED_WITHIN)):
            failed, _ = failures([seed])
            if failed and DEFECTS[defect][2] in failed[0]:
                return
    raise AssertionError("a broken platform passed for a right one")


@pytest.mark.parametrize("watched", [True, False])
def test_the_simulation_notices_a_list_of_topics_that_claims_back(watched: bool) -> None:
    """By the fences, and by two groups that end each other's work for ever."""
    told = "claimed it back" if watched else "and all is quiet"
    agreeing = "services.chassis.views.memory_views.agree"
    with mock.patch(agreeing), contextlib.ExitStack() as unwatched:
        if not watched:
            unwatched.enter_context(mock.patch.object(WatchedViews, "claim", MemoryViews.claim))
        for seed in range(NOTICED_WITHIN):
            failed, _ = failures([seed], roll_seed)
            if failed and told in failed[0]:
                return
    raise AssertionError("a broken platform passed for a right one")
