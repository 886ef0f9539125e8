"""The topics deleted and made again: every view is built anew from the journals, equal."""

from __future__ import annotations

import asyncio

from services.assembly.registry import SERVICES, TOPICS, VIEWS, WRITE_SERVICES
from services.chassis.log.connections import Proof
from services.chassis.log.topics import ensure_topics
from services.ctl.journals import ServiceJournals
from services.ctl.rebuilding import rebuild, view_of
from tests.support.faults import Faulty
from tests.support.kafka import delete_topics
from tests.support.truth import rows_of, untrue
from tests.support.waiting import eventually


async def topics_made_again(f: Faulty, times: int) -> str:
    """The log is lost altogether; what the services hold is not. Afterwards the log no
    longer tells the whole story, so this must be a stack's last cell."""
    for _ in range(times):
        async with f.load() as load:
            await f.progress(load, 40)
        await eventually(lambda: all_true(f), timeout=60)
        before = {name: await rows_of(f.stack.backings, name) for name in VIEWS}
        await asyncio.gather(*(f.stack.end(service) for service in SERVICES))
        await delete_topics(f.stack.stack.kafka)
        await ensure_topics(f.stack.stack.kafka, TOPICS)
        f.log_is_whole = False
        await _rebuilt(f)
        assert {name: await rows_of(f.stack.backings, name) for name in VIEWS} == before
        for service in SERVICES:
            f.stack.start(service)
        for service in SERVICES:
            await f.stack.ready(service)
    async with f.load() as load:
        await f.progress(load, 20)
    await eventually(lambda: all_true(f), timeout=60)
    return f"{times} times {len(VIEWS)} views, equal; {load.acknowledged} writes afterwards"


async def _rebuilt(f: Faulty) -> None:
    """As an operator does it: the APIs and relays run, the projectors wait."""
    for service in WRITE_SERVICES:
        f.stack.start(service, ROLES="api,relay")
    for service in WRITE_SERVICES:
        await f.stack.ready(service)
    addresses = {service: f.stack.stack.grpc(service) for service in WRITE_SERVICES}
    tokens = [f.stack.token(f"{district}/ops?journal.read") for district in f.stack.all_districts]
    journals = ServiceJournals(addresses, tokens)
    for name, service in VIEWS.items():
        own = f.stack._backing(service).database
        assert own is not None
        view = view_of(name, service)
        report = await rebuild(
            view, own, f.stack.stack.kafka, journals, proof=Proof(), dry_run=False
        )
        assert report["same_as_before"], report
    await asyncio.gather(*(f.stack.end(service) for service in WRITE_SERVICES))


async def all_true(f: Faulty) -> bool:
    """Whether every view equals a fold of what the services hold."""
    return not await untrue(f.stack.backings)
