"""An issuer's public keys: fetched rarely, kept through an outage, never asked in a flood."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from services.chassis.edge import strict_json
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import JWKS_FETCHES, Metrics
from services.chassis.tls import trusting

log = structlog.get_logger(__name__)

FRESH_SECONDS = 600.0
STALE_SECONDS = 24 * 3600.0
REFETCH_SECONDS = 60.0  # for an unknown kid, and after a failure while keys are at hand
RETRY_SECONDS = 5.0  # after a failure with no keys at all
MAX_BYTES = 256 * 1024
MAX_KEYS = 50
MIN_RSA_BITS = 2048

Fetch = Callable[[], Awaitable[bytes]]
_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key and the algorithms that it may be used with."""

    key: RSAKey | ECKey | OKPKey
    algorithms: frozenset[str]


class Jwks:
    """The keys of one issuer by `kid`. `clock` gives seconds."""

    def __init__(
        self, fetch: Fetch, metrics: Metrics, clock: Callable[[], float], issuer: str = ""
    ) -> None:
        """`issuer` is its name, for the log. A `clock` that was put back is believed anew."""
        self._issuer = issuer
        self._fetch = fetch
        self._metrics = metrics
        self._clock = clock
        self._keys: dict[str, VerifyKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._running: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> VerifyKey | None:
        """The key, or None where the issuer has none of that name. Waits for the issuer
        only where the key is not at hand. Raises Fault UNAVAILABLE where no keys are."""
        age = self._clock() - self._fetched_at
        if age > STALE_SECONDS:
            self._keys = {}
        found = self._keys.get(kid)
        if found is None:
            await self._refreshed(REFETCH_SECONDS if self._keys else RETRY_SECONDS)
            found = self._keys.get(kid)
        elif not 0 <= age <= FRESH_SECONDS:
            self._start(REFETCH_SECONDS)
        if found is None and not self._keys:
            raise Fault(Kind.UNAVAILABLE, "issuer_unavailable", "The issuer's keys are missing.")
        return found

    async def _refreshed(self, wait: float) -> None:
        running = self._start(wait)
        if running is not None:
            await asyncio.shield(running)

    def _start(self, wait: float) -> asyncio.Task[None] | None:
        if self._running is None or self._running.done():
            if 0 <= self._clock() - self._tried_at < wait:
                return None
            self._tried_at = self._clock()
            self._running = asyncio.create_task(self._refresh())
        return self._running

    async def _refresh(self) -> None:
        try:
            self._keys = read_keys(await self._fetch())
        except (httpx2.HTTPError, OSError, TimeoutError, Fault, ValueError) as error:
            self._metrics.of(JWKS_FETCHES, "failed").inc()
            log.warning("jwks_fetch_failed", issuer=self._issuer, reason=type(error).__name__)
            return
        self._metrics.of(JWKS_FETCHES, "ok").inc()
        self._fetched_at = self._clock()


def read_keys(data: bytes) -> dict[str, VerifyKey]:
    """The usable keys of a JWK set; symmetric, encryption, weak, unnamed and unknown ones
    are left out. Raises Fault or ValueError where it is no JWK set."""
    document = strict_json.parse(data, MAX_BYTES, any_key=True)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_KEYS:
        raise ValueError("not a JWK set")
    found: dict[str, VerifyKey] = {}
    for each in listed:
        if not isinstance(each, dict):
            continue
        key = _key(each)
        if key is not None:
            found[each["kid"]] = key
    if not found:
        raise ValueError("no usable key")
    return found


def _key(jwk: Mapping[str, Any]) -> VerifyKey | None:
    algorithms = _algorithms(jwk)
    if not algorithms or not isinstance(jwk.get("kid"), str):
        return None
    names = ("kty", *_PUBLIC[jwk["kty"]])
    public = {name: jwk[name] for name in names if isinstance(jwk.get(name), str)}
    try:
        if _bits(public.get("n")) < MIN_RSA_BITS:
            return None
        key = import_key(public)
    except (JoseError, ValueError):
        return None
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        return None
    return VerifyKey(key, algorithms)


def _bits(modulus: str | None) -> int:
    """The size of an RSA modulus; of other keys the least that is asked for."""
    if modulus is None:
        return MIN_RSA_BITS
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "==")).bit_length()


def _algorithms(jwk: Mapping[str, Any]) -> frozenset[str]:
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or operations != ["verify"]:
        return frozenset()
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", _:
            able = {"RS256", "PS256"}
        case "EC", "P-256":
            able = {"ES256"}
        case "OKP", "Ed25519":
            able = {"EdDSA", "Ed25519"}
        case _:
            return frozenset()
    return frozenset(able & {jwk["alg"]} if "alg" in jwk else able)


def from_uri(uri: str, ca: str = "") -> Fetch:
    """Fetch over HTTP: no redirects, 3 s, at most 256 KiB; by the proxy that the environment names.
    `ca` as in `tls.trusting`, read for each fetch."""

    async def fetch() -> bytes:
        client = httpx2.AsyncClient(timeout=3.0, follow_redirects=False, verify=trusting(ca))
        async with client, asyncio.timeout(5.0), client.stream("GET", uri) as answer:
            answer.raise_for_status()
            data = b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise ValueError("the JWK set is too large")
            return data

    return fetch


def from_file(path: str) -> Fetch:
    """Read a mounted file; a rotated key is seen like one of a URI."""

    async def fetch() -> bytes:
        return Path(path).read_bytes()  # noqa: ASYNC240 - a small local file, every 10 minutes

    return fetch
