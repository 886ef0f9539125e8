"""An issuer of tokens for tests: real keys, real signatures, no network."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services.chassis.edge.identity import Identity
from services.chassis.issuer import Issuer
from services.chassis.metrics import Metrics

AUDIENCE = "tandem"


@cache
def rsa_key(number: int = 0) -> RSAKey:
    """One key per number and test run: making them is slow."""
    return RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"})


class LocalIssuer:
    """Signs for one district. `fetches` counts how often its keys were asked for; set
    `down` and it fails."""

    def __init__(
        self,
        district: str = "riverside",
        *,
        name: str = "https://id.riverside.example",
        key: Key | None = None,
        now: Callable[[], float] = time.time,
        **more: Any,
    ) -> None:
        self.name = name
        self.district = district
        self.key = key or ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
        self.keys: list[dict[str, Any]] = [dict(self.key.as_dict(private=False))]
        self.now = now
        self.fetches = 0
        self.down = False
        self.settings = Issuer(
            issuer=name,
            district=district,
            audience=AUDIENCE,
            jwks_uri=f"{name.replace('http:', 'https:')}/keys",
            **{"algorithms": ("RS256", "PS256", "ES256", "EdDSA"), **more},
        )

    async def fetch(self) -> bytes:
        self.fetches += 1
        if self.down:
            raise OSError("the issuer is down")
        return json.dumps({"keys": self.keys}).encode()

    def token(
        self,
        person: str = "coach-1",
        *,
        header: dict[str, Any] | None = None,
        key: Key | None = None,
        **claims: Any,
    ) -> str:
        """A good token for `person`; a claim or header set to None is left out."""
        now = int(self.now())
        body = {"iss": self.name, "aud": AUDIENCE, "sub": person, "exp": now + 600, "iat": now}
        body = {k: v for k, v in {**body, **claims}.items() if v is not None}
        signer = key or self.key
        top = {"alg": _ALGORITHM[signer.key_type], "kid": signer.kid, "typ": "JWT"}
        top = {k: v for k, v in {**top, **(header or {})}.items() if v is not None}
        registry = jws.JWSRegistry(
            algorithms=["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
            strict_check_header=False,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joserfc warns of none, HS256 and EdDSA
            return jws.serialize_compact(top, json.dumps(body), signer, registry=registry)

    def bearer(self, person: str = "coach-1", **claims: Any) -> dict[str, str]:
        """The Authorization header of a good token."""
        return {"Authorization": f"Bearer {self.token(person, **claims)}"}


_ALGORITHM = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA", "oct": "HS256"}


def identity_of(*issuers: LocalIssuer, metrics: Metrics | None = None, **more: Any) -> Identity:
    """An Identity that trusts these issuers and asks no network."""
    return Identity(
        [each.settings for each in issuers],
        metrics or Metrics(),
        "coaching",
        issuers[0].now,
        {each.name: each.fetch for each in issuers},
        **more,
    )


def okp_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "ed-1", "use": "sig"})
