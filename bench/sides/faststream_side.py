"""FastStream over the same topics. `mode`: `batch` (max_records 500, one read of the rows and
one bulk write), `transaction` (the same in a transaction by hand), `single` (a handler for each
message, as its documentation shows). `lent`: with our row cache, which is unsafe there; `single`
has it always and reads nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import uvloop
from faststream import FastStream
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

from bench.sides.kind import INDEX, Kind
from bench.sides.meter import Meter, given
from services.chassis.log.envelope import Record
from services.chassis.runner import spare_collector
from services.insights.caseload.fold import CARDS, TOPICS


async def main(asked: dict[str, Any]) -> None:
    client: Any = AsyncIOMotorClient(asked["mongodb"], w="majority", journal=True, tz_aware=True)
    cards = client[asked["database"]][CARDS]
    await cards.create_index(INDEX)
    mode = asked["mode"]
    kind = Kind(keeps=asked.get("lent", mode == "single"))
    broker = KafkaBroker(asked["kafka"], apply_types=False, logger=None)
    seen, over = 0, asyncio.Event()

    async def raw(message: Any) -> Any:
        return message.raw_message

    async def batch(messages: Sequence[Any]) -> None:
        nonlocal seen
        items = kind.decoded(
            [Record(m.topic, m.partition, m.offset, m.key, m.value, m.headers) for m in messages]
        )
        if mode != "single" and (wanted := kind.unknown(items)):
            kind.learn(await cards.find({"_id": {"$in": wanted}}).to_list(None))
        updates = kind.updates(items)
        if mode == "transaction":
            async with await client.start_session() as session, session.start_transaction():
                await cards.bulk_write(updates, ordered=False, session=session)
        elif mode == "batch":
            await cards.bulk_write(updates, ordered=False)
        else:
            await cards.bulk_write(updates)
        seen += len(items)
        if seen >= asked["events"]:
            over.set()

    async def single(message: Any) -> None:
        await batch([message])

    common: dict[str, Any] = {
        "group_id": asked["group"],
        "auto_offset_reset": "earliest",
        "decoder": raw,
    }
    if mode == "single":
        broker.subscriber(*TOPICS, **common)(single)
    else:
        broker.subscriber(*TOPICS, batch=True, max_records=500, **common)(batch)
    app = FastStream(broker, logger=None)
    spare_collector()
    meter = Meter()
    running = asyncio.create_task(app.run(log_level=logging.ERROR))
    await over.wait()
    meter.done(seen)
    app.exit()
    await running


uvloop.run(main(given()))
