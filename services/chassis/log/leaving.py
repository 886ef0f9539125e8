"""How a consumer leaves its group: in bounded time, and where it could not say so, afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

from services.chassis.log.admin import KafkaUnavailable, kafka_admin
from services.chassis.log.connections import Proof
from services.chassis.log.source import SourceDown


async def leave(consumer: Any, timeout: float) -> str:
    """Stop a consumer in bounded time, whatever it raises, and give its member id: who cannot
    reach the broker stays a member, and is to be taken out before the next one joins. With
    the broker down, aiokafka's fetcher passes the cancellation of its own tasks on to whoever
    stops it, and then leaves its client open."""
    coordinator = getattr(consumer, "_coordinator", None)
    member = getattr(coordinator, "member_id", "")  # none before it has asked to join
    for closing in (consumer.stop, consumer._client.close):
        task = asyncio.ensure_future(closing())
        done, _ = await asyncio.wait({task}, timeout=timeout)
        if not done:
            task.cancel()
        elif task.cancelled() or task.exception() is not None:
            continue
        else:
            break
    return str(member)


async def take_out(bootstrap: str, group: str, member: str, proof: Proof) -> None:
    """Take out of a group who is a member no more: the group waits for it, before it lets
    anybody else in, for as long as its session lasts. A broker that was away remembers it, and
    its session begins anew. Does nothing where it is no member. Raises SourceDown."""
    try:
        async with kafka_admin(bootstrap, proof) as admin:
            await admin.remove_member(group, member)
    except KafkaUnavailable as error:
        raise SourceDown(str(error)) from error
