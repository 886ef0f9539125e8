"""What the demo district's pair has written in its planning record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.ctl.demo.actor import Actor

PATH = "/planning-entries"
ENTRIES = (
    ("plan", "I ask fewer questions, and wait after each."),
    ("observe", "Seven hands after three seconds, where there were two before."),
    ("reflect", "Waiting is harder for me than for them."),
    ("next", "The same with the second class."),
)


async def planning_record(actor: Actor, today: date, circle: str, pair: Sequence[str]) -> None:
    """Four entries, by turns, one after the other: the order is theirs."""
    for number, (kind, text) in enumerate(ENTRIES):
        body = {"circle_id": circle, "kind": kind, "text": text}
        key = f"demo:{today}:pair:entry-{number}"
        await actor.post(pair[number % 2], "programs", PATH, body, key=key)
