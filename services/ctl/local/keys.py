"""The development issuer: a key of this machine's own, refused in production.

The key lies in `.local/keys`; tokens signed with it are good for the local stack only.
"""

from __future__ import annotations

import json
import os
import time
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from services.access.policy import SCOPES

ISSUER = "tandem-dev"
AUDIENCE = "tandem"
ALGORITHM = "ES256"
LIFETIME_SECONDS = 30 * 24 * 3600
KEY_SET = "jwks.json"


def issuer_of(district: str) -> str:
    """The development issuer that speaks for one district."""
    return f"{ISSUER}:{district}"


def ensure_key(folder: Path) -> Path:
    """The public key set's file, after making the key pair if there is none yet."""
    private, public = folder / "private.json", folder / KEY_SET
    if not private.exists() or not public.exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key(
            "P-256", parameters={"kid": f"dev-{int(time.time())}", "use": "sig", "alg": ALGORITHM}
        )
        _write(private, key.as_dict(private=True))
        _write(public, {"keys": [key.as_dict(private=False)]})
    return public


def sign(
    folder: Path,
    district: str,
    subject: str,
    scopes: tuple[str, ...] = (),
    seconds: int = LIFETIME_SECONDS,
) -> str:
    """A bearer token for a person of a district or, with scopes, for a partner; good for so many
    `seconds`."""
    claims: dict[str, Any] = {
        "iss": issuer_of(district) + (":partners" if scopes else ""),
        "aud": AUDIENCE,
        "sub": subject,
    }
    if scopes:
        claims["scope"] = " ".join(scopes)
    return sign_id(folder, claims, seconds)


def sign_id(folder: Path, claims: dict[str, Any], seconds: int) -> str:
    """A token that says `claims` for so many `seconds`. No service takes one whose `iss` is none
    of `issuer_of`: an ID token, by which a frontend knows who has signed in."""
    key = ECKey.import_key(json.loads((folder / "private.json").read_text()))
    now = int(time.time())
    claims = {**claims, "iat": now, "exp": now + seconds}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def district_of(token: str) -> str:
    """The district that a token names, not verified: by its claim, or as a development issuer's.
    Empty where it names none: other issuers are known to the districts file alone."""
    try:
        part = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        named, issuer = claims.get("district", ""), claims.get("iss", "")
    except (ValueError, IndexError, AttributeError):
        return ""
    if not named and isinstance(issuer, str) and issuer.startswith(f"{ISSUER}:"):
        named = issuer.split(":")[1]
    return named if isinstance(named, str) else ""


def issuers(public: Path, district: str) -> list[dict[str, Any]]:
    """The issuers of one district of a local stack, as the districts file names them."""
    people = {"issuer": issuer_of(district), **_trusted(public)}
    partners = {
        "issuer": f"{issuer_of(district)}:partners",
        "partner": True,
        "scopes": sorted(SCOPES),
        **_trusted(public),
    }
    return [people, partners]


def _trusted(public: Path) -> dict[str, Any]:
    return {
        "audience": AUDIENCE,
        "jwks_file": str(public),
        "algorithms": [ALGORITHM],
        "max_age_seconds": LIFETIME_SECONDS + 3600,
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
