"""A consumer that fetches nothing: its library has given up in silence, or the brokers have."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.chassis.log.source import SourceDown, SourceStalled

STALL_SECONDS = 60.0  # without an answer from a broker, which answers for idle partitions too


class Stall:
    """Such a consumer is made anew once, then given up. To be told when a consumer is made and
    when it is sought anew (`begins`), and asked after every fetch (`check`). `who`: for people."""

    def __init__(self, who: str, now: datetime) -> None:
        self._who = who
        self._since = now
        self._restarted = False

    def begins(self, now: datetime) -> None:
        self._since = now

    def check(self, now: datetime, fetched: datetime | None, seconds: float, quiet: bool) -> None:
        """`fetched`: when a broker has answered last; `quiet`: all partition numbers that are held
        are known to be silent. A second consumer to which they are, too, keeps them: a third would
        divide the numbers of all members anew and learn nothing. Raises SourceDown once, then
        SourceStalled."""
        if self._restarted and quiet:
            self._since = now
            return
        newest = self._since if fetched is None else max(fetched, self._since)
        if now - newest <= timedelta(seconds=seconds):
            self._restarted = self._restarted and fetched is None
            return
        if self._restarted:
            raise SourceStalled(
                f"{self._who}: nothing fetched for {seconds:g} s, also by a new consumer"
            )
        self._restarted = True
        raise SourceDown(f"nothing fetched for {seconds:g} s: a new consumer is made")
