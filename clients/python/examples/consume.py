"""Who has been let into Kafka: what has become of every goal, from the first record that is kept.

python consume.py GROUP [TOPIC]    with KAFKA_BOOTSTRAP_SERVERS in the environment; beside
                                   tandem-client it needs aiokafka
"""

import asyncio
import os
import signal
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer

from tandem_client import event_of


async def main(group: str, topic: str = "coaching.goals.v1") -> None:
    newest: dict[tuple[bytes, str], int] = {}  # keep it beside what you make of the events
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)  # Ctrl-C
    async with consumer:
        while not ended.is_set():
            batch = await consumer.getmany(timeout_ms=1000)
            for record in (each for records in batch.values() for each in records):
                headers = {name: value.decode() for name, value in record.headers}
                about, version = (record.key, headers["ce_subject"]), int(headers["ce_sequence"])
                if version <= newest.get(about, 0):
                    continue  # a duplicate, or older than what is known
                newest[about] = version
                event: Any = event_of(headers["ce_type"], record.value)
                if event is not None:  # else of a newer service
                    name, current = event.DESCRIPTOR.name, event.goal.current
                    print(f"{event.goal.goal_id} {version} {name} {current:g}", flush=True)
            if batch:
                await consumer.commit()  # only now: what is done twice is passed over


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
