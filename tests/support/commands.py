"""Counting what is asked of MongoDB."""

from collections import Counter

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

UNCOUNTED = {"hello", "ismaster", "ping", "endSessions"}


class Commands(CommandListener):
    """Names of the commands sent since the last `clear`, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in UNCOUNTED:
            self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass

    def clear(self) -> None:
        self.names.clear()

    def counts(self) -> dict[str, int]:
        return dict(Counter(self.names))
