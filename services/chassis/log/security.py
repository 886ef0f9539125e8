"""How this process connects to Kafka, as its settings say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.chassis.tls import SYSTEM_TRUST, TlsFiles

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]

MOST_BYTES = 64 * 1024


class TokenRefused(OSError):
    """Whoever gives tokens answers, but gives none: a wrong id, secret or scope."""


Secret = Callable[[], str]
"""Gives a secret as it is now, quickly. Raises OSError."""
Token = Callable[[], Awaitable[str]]
"""Gives a token that is good for a while, within 10 s. Raises OSError."""


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """`password` and `token` are asked for each new connection, so that one that was replaced
    is used from then on. A mechanism has one of them; SASL alone has a mechanism."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = ""
    username: str = ""
    password: Secret | None = None
    token: Token | None = None
    files: TlsFiles = SYSTEM_TRUST

    @property
    def tls(self) -> bool:
        return self.protocol in ("SSL", "SASL_SSL")


PLAIN_TEXT = KafkaSecurity()


def from_file(path: str) -> Secret:
    """A mounted secret, without the line's end that editors leave."""

    def read() -> str:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES).decode(errors="replace").strip()
        if not content:
            raise OSError("the file of the secret is empty")
        return content

    return read


def token_file(path: str) -> Token:
    """A token that something beside this process renews, such as a cluster's projected one."""
    read = from_file(path)

    async def token() -> str:
        return read()

    return token
