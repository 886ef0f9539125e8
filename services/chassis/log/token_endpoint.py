"""Tokens for Kafka by OAuth client credentials (RFC 6749, 4.4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx2
import orjson

from services.chassis.log.security import MOST_BYTES, Secret, TokenRefused
from services.chassis.tls import trusting

SECONDS = 5.0
SPARE_SECONDS = 60.0  # one that ends sooner is not shown to a broker any more


class TokenEndpoint:
    """Asks `url` for a token as client `id`, and keeps it until a minute before its end."""

    def __init__(
        self,
        url: str,
        id: str,
        secret: Secret,
        scope: str = "",
        clock: Callable[[], float] = time.monotonic,
        ca: str = "",
    ) -> None:
        """`ca` as in `tls.trusting`."""
        self._ca = ca
        self._url = url
        self._id = id
        self._secret = secret
        self._scope = scope
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self) -> str:
        """Raises OSError where the endpoint is away, TokenRefused where it refuses."""
        async with self._asking:
            if self._clock() >= self._until:
                try:
                    async with asyncio.timeout(SECONDS):
                        self._token, seconds = _read(await self._answer())
                except httpx2.HTTPError as error:
                    raise OSError(f"no token from {self._url}: {type(error).__name__}") from error
                self._until = self._clock() + seconds - SPARE_SECONDS
            return self._token

    async def _answer(self) -> bytes:
        form = {"grant_type": "client_credentials", "scope": self._scope}
        client = httpx2.AsyncClient(
            auth=httpx2.BasicAuth(self._id, self._secret()),
            timeout=SECONDS,
            follow_redirects=False,
            verify=trusting(self._ca),
        )
        sent = {name: value for name, value in form.items() if value}
        async with client, client.stream("POST", self._url, data=sent) as answer:
            if not answer.is_success:
                raise TokenRefused(f"no token from {self._url}: status {answer.status_code}")
            data = b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise TokenRefused(f"no token from {self._url}: the answer is too large")
            return data


def _read(answer: bytes) -> tuple[str, float]:
    """The token and for how many seconds it is good: 0 where the endpoint does not say."""
    try:
        fields = orjson.loads(answer)
    except orjson.JSONDecodeError:
        fields = None
    token = fields.get("access_token") if isinstance(fields, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise TokenRefused("the token endpoint's answer holds no access_token")
    seconds = fields.get("expires_in", 0)
    return token, float(seconds) if isinstance(seconds, int | float) else 0.0
