"""Who calls: a signed token becomes a `Principal`.

The issuer decides the district. Roles are never read from a token. A verified token is
remembered by its digest for at most a minute, so a withdrawn key or partner stops working
within that time and a busy caller costs one signature check a minute.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from services.chassis import base64url
from services.chassis.call import Principal
from services.chassis.edge import strict_json
from services.chassis.edge.jwks import Fetch, Jwks, from_file, from_uri
from services.chassis.fields import ID_PATTERN
from services.chassis.issuer import Issuer
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import AUTH_REFUSED, JWKS_FETCHES, Metrics

MAX_TOKEN = 8 * 1024
LEEWAY = 60.0
REMEMBER_SECONDS = 60.0
REMEMBER_TOKENS = 10_000
_ACCESS = ("at+jwt", "application/at+jwt")
_TYPES = {"any": (None, "JWT", "jwt", *_ACCESS), "at+jwt": _ACCESS}
_OF_ID_TOKENS = frozenset({"at_hash", "c_hash"})
_REFUSED = frozenset({"jku", "x5u", "jwk", "crit", "b64", "zip", "enc"})
_ID = re.compile(ID_PATTERN)
_PURPOSE = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
_WHY = {
    "size": f"it is longer than {MAX_TOKEN} bytes",
    "malformed": "it is no JSON Web Token",
    "issuer": "no district trusts the claim iss",
    "header": "its header has a field or a typ that is not taken",
    "algorithm": "alg is not one of the issuer's",
    "kid": "the issuer has no such key",
    "signature": "it does not fit the issuer's key",
    "audience": "aud does not name this API",
    "id_token": "it is an ID token: send an access token",
    "district": "the issuer does not speak for the claim district",
    "subject": "the claim that names the person is missing or malformed",
    "email": "email_verified is not true",
    "scope": "the claim is no text",
    "exp": "the claim is missing or no number",
    "nbf": "it is not valid yet, or the claim is no number",
    "iat": "it lies in the future, or the claim is no number",
    "expired": "get a new one",
}


class Identity:
    """Verifies tokens of `issuers`. What is kept here serves one `purpose`: a token that says
    another is counted, and gives a principal that says so. `fetchers` (by issuer) stand in for the
    network in tests. `widened`: scopes with those that some of them stand for. `ca`: a PEM file of
    authorities that issuers' certificates may come from, besides the system's."""

    def __init__(
        self,
        issuers: Iterable[Issuer],
        metrics: Metrics,
        purpose: str,
        now: Callable[[], float] = time.time,
        fetchers: dict[str, Fetch] | None = None,
        widened: Callable[[frozenset[str]], frozenset[str]] = lambda scopes: scopes,
        ca: str = "",
    ) -> None:
        self._metrics = metrics
        self._purpose = purpose
        metrics.begin(AUTH_REFUSED, *_WHY, "purpose")
        metrics.begin(JWKS_FETCHES, "ok", "failed")
        self._now = now
        self._widened = widened
        self._issuers: dict[str, tuple[Issuer, Jwks]] = {}
        for each in issuers:
            fetch = (fetchers or {}).get(each.issuer) or (
                from_uri(each.jwks_uri, ca) if each.jwks_uri else from_file(each.jwks_file)
            )
            self._issuers[each.issuer] = (each, Jwks(fetch, metrics, now, each.issuer))
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def seen(self, token: str) -> Principal | None:
        """See `call.Verifier`."""
        if len(token) > MAX_TOKEN:
            return None
        digest = _digest(token)
        known = self._known.get(digest)
        if known is None or not known[0] - REMEMBER_SECONDS <= self._now() < known[0]:
            return None
        self._known.move_to_end(digest)
        return known[1]

    def recalls(self, token: str) -> bool:
        """See `call.Verifier`."""
        known = self._known.get(_digest(token)) if len(token) <= MAX_TOKEN else None
        return known is not None and self._now() < known[1].ends_at

    async def verify(self, token: str) -> Principal:
        """See `call.Verifier`. A token seen within the last minute costs one hash."""
        if len(token) > MAX_TOKEN:
            self._refuse("size")
        seen = self.seen(token)
        if seen is not None:
            return seen
        digest, now = _digest(token), self._now()
        claims, issuer = await self._checked(token)
        principal = self._principal(claims, issuer)
        self._known[digest] = (min(principal.ends_at, now + REMEMBER_SECONDS), principal)
        while len(self._known) > REMEMBER_TOKENS:
            self._known.popitem(last=False)
        return principal

    async def _checked(self, token: str) -> tuple[dict[str, Any], Issuer]:
        """The claims of a token whose signature is good; nothing in them is checked yet."""
        parts = token.split(".")
        if len(parts) != 3:
            self._refuse("malformed")
        header, claims = self._json(parts[0]), self._json(parts[1])
        if _REFUSED & header.keys():
            self._refuse("header")
        name, algorithm, kid = claims.get("iss"), header.get("alg"), header.get("kid")
        if not isinstance(name, str) or name not in self._issuers:
            self._refuse("issuer")
        issuer, jwks = self._issuers[name]
        if header.get("typ") not in _TYPES[issuer.typ]:
            self._refuse("header")
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            self._refuse("algorithm")
        if not isinstance(kid, str) or not 0 < len(kid) <= 128:
            self._refuse("kid")
        key = await jwks.key(kid)
        if key is None:
            self._refuse("kid")
        if algorithm not in key.algorithms:
            self._refuse("algorithm")
        signed = f"{parts[0]}.{parts[1]}".encode("ascii")
        try:
            good = JWSRegistry.algorithms[algorithm].verify(signed, self._base64(parts[2]), key.key)
        except (JoseError, ValueError):
            good = False
        if not good:
            self._refuse("signature")
        return claims, issuer

    def _principal(self, claims: dict[str, Any], issuer: Issuer) -> Principal:
        audience = claims.get("aud")
        if issuer.audience not in (audience if isinstance(audience, list) else [audience]):
            self._refuse("audience")
        # it tells a frontend who signed in, and may have the same audience
        if claims.get("typ") == "ID" or _OF_ID_TOKENS & claims.keys():
            self._refuse("id_token")
        until = self._times(claims, issuer)
        if claims.get("district", issuer.district) != issuer.district:
            self._refuse("district")
        person = claims.get(issuer.person_claim)
        if not isinstance(person, str) or not _ID.fullmatch(person):
            self._refuse("subject")
        if issuer.person_claim == "email" and claims.get("email_verified") is not True:
            self._refuse("email")
        purpose = self._other(claims.get("purpose", self._purpose))
        if not issuer.partner:
            return Principal(issuer.district, person=person, ends_at=until, purpose=purpose)
        scope = claims.get("scope", "")
        if not isinstance(scope, str):
            self._refuse("scope")
        granted = self._widened(issuer.scopes) & self._widened(frozenset(scope.split()))
        return Principal(
            issuer.district, partner=person, scopes=granted, ends_at=until, purpose=purpose
        )

    def _other(self, purpose: object) -> str:
        """Empty for the one that is served. Who knows about whom a request is refuses it."""
        if purpose == self._purpose:
            return ""
        self._metrics.of(AUTH_REFUSED, "purpose").inc()
        if not isinstance(purpose, str) or not _PURPOSE.fullmatch(purpose):
            said = f"{self._purpose.capitalize()} data serves {self._purpose} purposes only."
            raise Fault(Kind.FORBIDDEN, "purpose_refused", said)
        return purpose

    def _times(self, claims: dict[str, Any], issuer: Issuer) -> float:
        """Until when (epoch seconds) the token is believed."""
        now = self._now()
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name)
            if value is None and name != "exp":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                self._refuse(name)
            if name != "exp" and value > now + LEEWAY:
                self._refuse(name)
        until = float(claims["exp"])
        if until + LEEWAY <= now:
            self._refuse("expired")
        if until > now + issuer.max_age_seconds + LEEWAY:
            self._refuse("exp", f"it lives longer than {issuer.max_age_seconds} s")
        return until + LEEWAY

    def _json(self, part: str) -> dict[str, Any]:
        try:
            value = strict_json.parse(self._base64(part), MAX_TOKEN, any_key=True)
        except Fault:
            value = None
        if not isinstance(value, dict):
            self._refuse("malformed")
        return value

    def _base64(self, part: str) -> bytes:
        try:
            return base64url.decode(part)
        except ValueError:
            self._refuse("malformed")

    def _refuse(self, reason: str, why: str = "") -> NoReturn:
        self._metrics.of(AUTH_REFUSED, reason).inc()
        told = f"{reason} ({why or _WHY[reason]})"
        raise Fault(Kind.UNAUTHENTICATED, "invalid_token", f"The token is refused: {told}.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
