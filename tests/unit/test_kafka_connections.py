"""What aiokafka makes of a connection that is refused, or lost under it."""

from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection, OAuthAuthenticator
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed
from aiokafka.protocol.metadata import MetadataRequest

from services.chassis.log.connections import KafkaRefuses, Proof, mend_connections
from services.chassis.log.security import KafkaSecurity


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


def connection(proof: Proof) -> Any:
    """As aiokafka's clients make them."""
    mend_connections()
    options = proof.options()
    return AIOKafkaConnection("127.0.0.1", 1, **options)


@pytest.mark.parametrize("error", [ValueError("wrong signature"), RuntimeError("closed")])
async def test_what_clients_do_not_expect_of_a_new_connection_is_a_connection_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(self: Any) -> None:
        raise error

    monkeypatch.setattr("services.chassis.log.connections._connect", connect)
    proof = Proof()
    with pytest.raises(KafkaConnectionError, match=str(error)):
        await connection(proof).connect()
    assert str(error) in proof.said(KafkaConnectionError("no broker"))


async def test_a_secret_that_cannot_be_read_is_an_error_of_the_connection() -> None:
    def gone() -> str:
        raise FileNotFoundError("password")

    proof = Proof(KafkaSecurity("SASL_PLAINTEXT", "SCRAM-SHA-512", "goals", password=gone))
    with pytest.raises(OSError, match="password"):
        await connection(proof).connect()
    proof.check()  # it was not refused


async def test_who_was_let_in_once_is_not_given_up_for_a_later_refusal() -> None:
    proof, refusal = Proof(), SaslAuthenticationFailed("no")
    proof.failed(KafkaConnectionError("away"), "kafka:9092")
    proof.check()
    proof.failed(refusal, "kafka:9092")
    with pytest.raises(KafkaRefuses, match=r"kafka:9092: .*SaslAuthenticationFailed"):
        proof.check()
    proof.accepted()
    proof.failed(refusal, "kafka:9092")
    proof.check()


async def test_an_answer_to_a_token_is_a_refusal() -> None:
    class Tokens:
        async def token(self) -> str:
            return "one"

    mend_connections()
    asking: Any = OAuthAuthenticator(sasl_oauth_token_provider=Tokens())
    assert (await asking.step(None))[0].startswith(b"n,,\x01auth=Bearer one")
    with pytest.raises(SaslAuthenticationFailed, match="invalid_token"):
        await asking.step(b'{"status":"invalid_token"}')
    assert await asking.step(b"") is None
