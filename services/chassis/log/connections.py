"""A connection that aiokafka can lose without its consumer going deaf."""

from __future__ import annotations

from typing import Any

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


def mend_connections() -> None:
    """Make a write to a connection that was just lost a KafkaConnectionError.

    aiokafka 0.14 expects an OSError there, but uvloop's transports raise RuntimeError, which
    ends a consumer's fetcher for good: it goes on without an error and without a record.
    Safe to repeat.
    """
    AIOKafkaConnection.send = _sent


def _sent(self: Any, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close()
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} is lost") from error
