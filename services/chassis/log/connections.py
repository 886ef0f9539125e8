"""How aiokafka's clients connect: what they show the brokers, why they were turned away, and a
connection that can be lost without its consumer going deaf."""

from __future__ import annotations

import logging
import ssl
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.conn import AIOKafkaConnection, OAuthAuthenticator
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.chassis.kernel import OperatorError
from services.chassis.log.security import PLAIN_TEXT, KafkaSecurity, TokenRefused
from services.chassis.tls import RenewedContext

log = logging.getLogger(__name__)

_send = AIOKafkaConnection.send
_connect = AIOKafkaConnection.connect
_step = OAuthAuthenticator.step
_REFUSALS = (
    ssl.SSLError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
    IllegalSaslStateError,
    TokenRefused,
)


class KafkaRefuses(OperatorError):
    """The brokers answer, but do not let this process in, or it does not trust them."""


class Proof(AbstractTokenProvider):  # type: ignore[misc] # aiokafka is untyped
    """What the clients of a process show the brokers, and how the brokers took it.

    One is shared by all clients of a process. Each new connection uses the certificates, the
    password or the token as they are then. Raises OSError where certificates cannot be read.
    """

    def __init__(self, security: KafkaSecurity = PLAIN_TEXT) -> None:
        self._security = security
        self._context = RenewedContext(security.files) if security.tls else None
        self._let_in = False
        self._failure = ""
        self._refused = False

    def options(self) -> dict[str, Any]:
        """For aiokafka's constructors."""
        security = self._security
        return {
            "security_protocol": security.protocol,
            "ssl_context": self._context,
            "sasl_mechanism": security.mechanism or "PLAIN",  # not used without SASL
            "sasl_plain_username": security.username,
            "sasl_plain_password": "",  # read for each connection
            # given to every connection, whatever the mechanism: `_connected` finds it there
            "sasl_oauth_token_provider": self,
        }

    def check(self) -> None:
        """Raises KafkaRefuses while this process was turned away and has never been let in: what
        it was given is wrong. A cluster that is away does not count, nor one that lets it in no
        longer: the process goes on as without Kafka."""
        if self._refused and not self._let_in:
            raise KafkaRefuses(self._failure)

    def said(self, error: BaseException) -> str:
        """An error of a client, with the reason why the last connection failed: aiokafka only
        says that there is none."""
        return f"{_text(error)}; {self._failure}" if self._failure else _text(error)

    async def token(self) -> str:
        assert self._security.token is not None
        return await self._security.token()

    def password(self) -> str:
        """Raises OSError."""
        return self._security.password() if self._security.password is not None else ""

    def accepted(self) -> None:
        if self._refused:
            log.warning("Kafka lets this process in again")
        self._let_in, self._refused, self._failure = True, False, ""

    def failed(self, error: BaseException, place: str) -> None:
        """`place`: `host:port`."""
        causes = [error, *([error.__cause__] if error.__cause__ is not None else [])]
        first = next((each for each in causes if isinstance(each, _REFUSALS)), error)
        refused = isinstance(first, _REFUSALS)
        text = f"{place}: {_text(first)}"
        if isinstance(first, ConnectionResetError | KafkaConnectionError):
            text += f" (this process speaks {self._security.protocol}: does the listener?)"
        if refused and text != self._failure:
            log.error("Kafka refuses this process: %s", text)
        self._refused, self._failure = refused, text


def mend_connections() -> None:
    """Make aiokafka's connections do four things that it does not.

    A new one takes the secrets of its `Proof` as they are now. An error of any kind while it is
    made is one that clients expect: of others their background tasks die without a word. A token
    that the broker refuses is an error: its answer is taken for consent otherwise. A write
    to one that was just lost is a KafkaConnectionError: aiokafka 0.14 expects an OSError there,
    but uvloop's transports raise RuntimeError, which ends a consumer's fetcher for good.
    Safe to repeat.
    """
    AIOKafkaConnection.send = _sent
    AIOKafkaConnection.connect = _connected
    OAuthAuthenticator.step = _stepped


def _sent(self: Any, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close()
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} is lost") from error


async def _connected(self: Any) -> Any:
    proof = self._sasl_oauth_token_provider
    if not isinstance(proof, Proof):
        return await _connect(self)
    place = f"{self.host}:{self.port}"
    try:
        self._sasl_plain_password = proof.password()
        made = await _connect(self)
    except (OSError, KafkaError) as error:  # TimeoutError is an OSError
        proof.failed(error, place)
        raise
    except Exception as error:
        proof.failed(error, place)
        raise KafkaConnectionError(_text(error)) from error
    proof.accepted()
    return made


async def _stepped(self: Any, payload: bytes | None) -> Any:
    if payload:  # RFC 7628, 3.2.2: an answer to the token says what is wrong with it
        raise SaslAuthenticationFailed(payload[:300].decode(errors="replace"))
    return await _step(self, payload)


def _text(error: BaseException) -> str:
    name, text = type(error).__name__, str(error)
    return text if name in text else f"{name}: {text}"
