"""A projector member as a process of its own, so that it can be killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path

from services.chassis.kernel import SystemClock
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.mongo import connect, database
from services.chassis.views.batch import Limits
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projector import Projector, Timing
from tests.support.goal_cards import goal_cards

SESSION_S = 6.0
LENIENT = Limits(parking=ParkingLimits(share=1.0, most=100_000))


@asynccontextmanager
async def member(
    bootstrap: str,
    mongodb: str,
    db: str,
    topics: tuple[str, ...],
    limits: Limits = LENIENT,
    *,
    topics_version: int = 1,
    reread: float = 30.0,
    seek_s: float = 20.0,
) -> AsyncIterator[Projector]:
    projection = replace(goal_cards(topics, group=f"group-{db}"), topics_version=topics_version)
    client = connect(mongodb, "member")
    settings = ConsumerSettings(
        bootstrap,
        projection.consumers,
        topics,
        session_s=SESSION_S,
        heartbeat_s=1.0,
        seek_s=seek_s,
    )
    try:
        source, views = KafkaSource(settings), MongoViews(database(client, db))
        timing = Timing(reread=reread)
        yield Projector(source, views, projection, SystemClock(), limits, timing)
    finally:
        client.close()


async def _main() -> None:
    given = json.loads(sys.argv[1])
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    small = Limits(records=50, burst=50, parking=LENIENT.parking)
    async with member(
        given["bootstrap"], given["mongodb"], given["db"], tuple(given["topics"]), small
    ) as one:
        await one.run(stop)
    sys.stdout.write(json.dumps(asdict(one.counts)))


def stands_still(pid: int) -> bool:
    """Whether a process was stopped by a signal (Linux)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def start_process(
    bootstrap: str, mongodb: str, db: str, topics: tuple[str, ...], crash_at: str = ""
) -> asyncio.subprocess.Process:
    """What it has counted is its output, in JSON, once it has ended."""
    given = {"bootstrap": bootstrap, "mongodb": mongodb, "db": db, "topics": topics}
    env = {**os.environ, "ENVIRONMENT": "test", "TANDEM_CRASH_AT": crash_at}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.projector_member", json.dumps(given)),
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )


if __name__ == "__main__":
    asyncio.run(_main())
