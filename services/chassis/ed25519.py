"""Signatures by Ed25519 (RFC 8032). Keys and signatures are base64 for URLs, without padding, of
their raw bytes: 32 of a public or private key, 64 of a signature."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.chassis.base64url import decode, encode


def new_key() -> str:
    """A private key."""
    return encode(Ed25519PrivateKey.generate().private_bytes_raw())


def private_key(raw: bytes) -> str:
    """Of 32 bytes that nobody else knows. Raises ValueError for others."""
    return encode(Ed25519PrivateKey.from_private_bytes(raw).private_bytes_raw())


def public_key(private: str) -> str:
    """Raises ValueError for what is no private key."""
    return encode(_private(private).public_key().public_bytes_raw())


def sign(raw: bytes, private: str) -> str:
    """Raises ValueError for what is no private key."""
    return encode(_private(private).sign(raw))


def is_signed(raw: bytes, public: str, signature: str) -> bool:
    """Whether it is by the private key of this public one, over these bytes; False for what is no
    key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(decode(public)).verify(decode(signature), raw)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(decode(text))
