"""What aiokafka makes of a connection that is lost under it."""

from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from services.chassis.log.connections import mend_connections


class LostWriter:
    """As a stream on a transport of uvloop that was closed a moment ago."""

    def write(self, data: bytes) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed")

    def close(self) -> None:
        return None


async def test_a_write_to_a_lost_connection_is_a_connection_error() -> None:
    mend_connections()
    connection: Any = AIOKafkaConnection("127.0.0.1", 1)
    connection._writer = LostWriter()
    connection._versions = {3: (0, 1)}
    with pytest.raises(KafkaConnectionError):
        connection.send(MetadataRequest([]))
    assert not connection.connected()
