"""The projector catching up on a backlog, against peers with our fold and our batching.

The peers read the rows of a batch with one query, as a correct consumer without fences must.
One more line lends FastStream our row cache, too: faster, and wrong after a rebalance."""

from __future__ import annotations

import os
import uuid
from typing import Any

from bench.events import history
from bench.measure import alternate, ratio, repetitions, report
from bench.measure import median as of
from bench.stage import engines, publish, side

TEACHERS = 5_000
BACKLOG = 300_000
PEER_EVENTS = 100_000  # a peer's rate does not grow with the backlog: see `projector-whole`
SINGLE_EVENTS = 4_000

HELD = "tandem, 500 a batch"
LENT = "FastStream batch, with a row cache lent too (unsafe after a rebalance)"
MORE = ("FastStream batch in a transaction", "Quix, default 5 s")

# Side: (module, what it is told, share of the backlog).
SIDES: dict[str, tuple[str, dict[str, Any], int]] = {
    "tandem": ("ours", {}, BACKLOG),
    HELD: ("ours", {"limit": 500}, PEER_EVENTS),
    "FastStream batch": ("faststream_side", {"mode": "batch"}, PEER_EVENTS),
    LENT: ("faststream_side", {"mode": "batch", "lent": True}, PEER_EVENTS),
    "FastStream batch in a transaction": ("faststream_side", {"mode": "transaction"}, PEER_EVENTS),
    "confluent-kafka consume(500)": ("confluent_side", {}, PEER_EVENTS),
    "Quix, commit_every=500": ("quix_side", {"every": 500}, PEER_EVENTS),
    "Quix, default 5 s": ("quix_side", {"every": 0}, PEER_EVENTS),
    "FastStream, one update an event": ("faststream_side", {"mode": "single"}, SINGLE_EVENTS),
}


async def run() -> None:
    await _run("projector", {name: told for name, told in SIDES.items() if name not in MORE})


async def more() -> None:
    """Other ways to run the peers."""
    await _run("projector-more", {name: SIDES[name] for name in ("tandem", HELD, *MORE)})


async def whole() -> None:
    """FastStream too on the whole backlog: is its rate the same there?"""
    both = {name: SIDES[name] for name in ("tandem", "FastStream batch")}
    await _run("projector-whole", {name: (*told[:2], BACKLOG) for name, told in both.items()})


async def _run(name: str, sides: dict[str, tuple[str, dict[str, Any], int]]) -> None:
    backlog = int(os.environ.get("BACKLOG", BACKLOG))
    async with engines(name) as started:
        count = await publish(started.kafka_bootstrap_servers, history(TEACHERS, backlog))
        print(f"{count} events of {TEACHERS} teachers are published")

        async def one(label: str) -> dict[str, Any]:
            module, told, share = sides[label]
            fresh = f"bench_{uuid.uuid4().hex[:8]}"  # never a view that holds it all already
            asked = {
                "kafka": started.kafka_bootstrap_servers,
                "mongodb": started.mongodb_uri,
                "database": fresh,
                "group": fresh,
                "events": min(share, backlog),
                **told,
            }
            return await side(module, asked)

        samples = await alternate(list(sides), one, repetitions())
    ours = samples["tandem"]
    lines = []
    for label, those in samples.items():
        rates = of([each["rate"] for each in those])
        cpu = of([each["cpu_us"] for each in those])
        against = "" if those is ours else f"; tandem is {ratio(ours, those, 'rate')}x"
        lines.append(f"{label}: {rates} events/s, client CPU {cpu} us/event{against}")
    held = samples.get(HELD)
    for label in ("FastStream batch", LENT, "FastStream batch in a transaction"):
        if held and label in samples:
            against = ratio(held, samples[label], "rate")
            lines.append(f"tandem held to 500 is {against}x {label}")
    report(name, samples, lines)
