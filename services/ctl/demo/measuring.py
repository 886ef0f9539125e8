"""What a simulation measures: write latency, errors, and how soon a coach sees a change."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

KEPT = 5_000
LOST_SECONDS = 30.0

Sign = tuple[str, str]  # what changes on a card: ("goal", id), ("observation", id), ...


@dataclass
class Measured:
    """Times are in seconds. `fresh`: from the sending of a write until a coach's stream
    shows it. `missed`: not seen within 30 s. `sent`: also what was begun in time and sent after
    the end."""

    began: float = field(default_factory=time.monotonic)
    sent: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    writes: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    fresh: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    missed: int = 0
    _ended: tuple[float, int] | None = None  # when, and how much had been sent
    _empty: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[Sign, list[tuple[Any, float]]] = field(default_factory=dict)

    def expect(self, sign: Sign, value: Any, at: float) -> None:
        """A card is to show `value`; `at` is when it was sent."""
        self._waiting.setdefault(sign, []).append((value, at))

    def forget(self, sign: Sign, value: Any) -> None:
        """The write was refused."""
        rest = [each for each in self._waiting.get(sign, ()) if each[0] != value]
        self._waiting[sign] = rest

    def seen(self, entry: Mapping[str, Any]) -> None:
        """A coach's stream shows this entry now. A value that was overtaken before it was
        shown counts as seen with the newer one."""
        now = time.monotonic()
        shown = {("goal", goal["goal_id"]): goal["current"] for goal in entry["open_goals"]}
        for name, key in (("last_observation", "observation_id"),
                          ("last_survey", "administration_id")):  # fmt: skip
            if entry[name]:
                shown[(name, entry["teacher_id"])] = entry[name][key]
        for sign, value in shown.items():
            waiting = self._waiting.get(sign, [])
            place = next((i for i, each in enumerate(waiting) if each[0] == value), None)
            if place is not None:
                self.fresh.extend(now - at for _, at in waiting[: place + 1])
                self._waiting[sign] = waiting[place + 1 :]
        if not any(self._waiting.values()):
            self._empty.set()

    def end(self) -> None:
        """The time is over: what is done and waited for from here on is not part of it."""
        self._ended = time.monotonic(), self.sent

    def give_up_late(self) -> None:
        limit = time.monotonic() - LOST_SECONDS
        for sign, waiting in self._waiting.items():
            late = sum(at < limit for _, at in waiting)
            self.missed += late
            self._waiting[sign] = waiting[late:]

    async def all_seen(self, seconds: float) -> None:
        """Wait until nothing is expected any more, `seconds` at most."""
        self._empty.clear()
        if any(self._waiting.values()):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)

    def report(self) -> dict[str, Any]:
        ended, sent = self._ended or (time.monotonic(), self.sent)
        elapsed = max(ended - self.began, 1e-9)
        return {
            "seconds": round(elapsed, 1),
            "sent": self.sent,
            "per_second": round(sent / elapsed, 1),
            "errors": dict(self.errors),
            "write_ms": {"p50": _ms(self.writes, 0.5), "p99": _ms(self.writes, 0.99)},
            "fresh_ms": {"p50": _ms(self.fresh, 0.5), "p99": _ms(self.fresh, 0.99)},
            "changes_seen": len(self.fresh),
            "changes_missed": self.missed,
        }


def _ms(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)


def line(report: Mapping[str, Any]) -> str:
    """The report on one line."""
    errors = sum(report["errors"].values())
    kinds = f" ({', '.join(list(report['errors'])[:3])})" if errors else ""
    write, fresh = report["write_ms"], report["fresh_ms"]

    def ms(value: float | None) -> str:
        return "-" if value is None else f"{value:.0f}"

    return (
        f"{report['seconds']:.0f} s: {report['sent']} sent, {report['per_second']:.0f}/s, "
        f"{errors} errors{kinds}; write p50 {ms(write['p50'])} p99 {ms(write['p99'])} ms; "
        f"seen by the coach p50 {ms(fresh['p50'])} p99 {ms(fresh['p99'])} ms"
        + (f"; {report['changes_missed']} missed" if report["changes_missed"] else "")
    )
