"""A reader's mailbox: what it gives out, and when."""

from __future__ import annotations

import asyncio
import time

from services.chassis.mailbox import Mailbox
from services.insights.live.stream import Message, MessageKind


async def test_a_message_that_comes_with_the_timeout_is_given_not_passed_over() -> None:
    """Else a heartbeat would carry the place after a message that was not sent yet."""
    mailbox: Mailbox[Message] = Mailbox(4)
    gone = Message(MessageKind.GONE, "after", teacher="t1")
    loop = asyncio.get_running_loop()
    taking = asyncio.create_task(mailbox.take(0.01))
    await asyncio.sleep(0)
    loop.call_later(0.011, mailbox.put, gone)
    loop.call_soon(time.sleep, 0.05)  # both are due in the same turn of the loop
    assert await taking == gone
