"""Keys that sign data-use policies, and how they do, by what docs/data-use-policy.md says alone."""

from __future__ import annotations

import base64
import hashlib
import json
import string
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.access.districts import District, Districts
from services.access.privacy_keys import PrivacyKeys, Representative
from services.chassis.rates import Rate, Rates

_AT_ALL = Rate(per_second=100_000, burst=1_000_000)
OFTEN = Rates(person=_AT_ALL, partner=_AT_ALL, bulk=_AT_ALL, address=_AT_ALL)
FIELDS = """format district_id number before statement_id statement_sha256 purposes audiences
    acknowledge_before_sharing leaders_see retention teacher_first_hours recording
    representatives_sign""".split()


def private(name: str) -> Ed25519PrivateKey:
    """That of whoever has this name, the same each time."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def public(name: str) -> str:
    return text(private(name).public_key().public_bytes_raw())


def spelled_otherwise(key: str) -> str:
    """The same 32 bytes in another text: the last character has two bits that nobody reads."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return key[:-1] + letters[letters.index(key[-1]) ^ 1]


def keys(district: str = "district", *representatives: str) -> PrivacyKeys:
    named = tuple(Representative(name=each, key=public(each)) for each in representatives)
    return PrivacyKeys(district=(public(district),), representatives=named)


def with_keys(*representatives: str, of: tuple[str, ...] = ("north", "south")) -> Districts:
    """These districts, each with the key of `district` and those of its representatives; whoever
    is of them may ask as often as she can."""
    told = keys("district", *representatives)
    return Districts({name: District(privacy_keys=told, rate_limits=OFTEN) for name in of})


def document(policy: Mapping[str, Any]) -> bytes:
    """What is signed of a policy as it is answered."""
    said = {name: policy[name] for name in FIELDS}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(policy: Mapping[str, Any], by: str) -> dict[str, str]:
    """The body that brings a signature."""
    raw = document(policy)
    return {
        "document_sha256": hashlib.sha256(raw).hexdigest(),
        "key": public(by),
        "signature": text(private(by).sign(raw)),
    }
