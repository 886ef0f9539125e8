"""What callers keep for a service, and can neither read nor make: by AES-SIV (RFC 5297), the nonce
of chance, so that two of the same content differ."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from services.chassis import base64url

_FORMAT = b"\x02"
_NONCE = 16


def seal(content: bytes, scope: str, key: bytes) -> str:
    """`scope`: what it belongs to. The length of `content` shows."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESSIV(key).encrypt(content, [scope.encode(), nonce])
    return base64url.encode(_FORMAT + nonce + sealed)


def unsealed(token: str, scope: str, key: bytes) -> bytes:
    """Raises ValueError for what was not sealed for this scope by this key."""
    raw = base64url.decode(token)
    form, nonce, sealed = raw[:1], raw[1 : 1 + _NONCE], raw[1 + _NONCE :]
    if form != _FORMAT:
        raise ValueError("it is of another form")
    try:
        return AESSIV(key).decrypt(sealed, [scope.encode(), nonce])
    except InvalidTag:
        raise ValueError("it is not sealed for this") from None
