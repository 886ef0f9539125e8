"""The keys that a districts file names: each in one spelling, and for one signer."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.access.privacy_keys import PrivacyKeys, Representative
from services.chassis.base64url import decode
from tests.support.policies import public, spelled_otherwise


def test_no_key_signs_for_two() -> None:
    with pytest.raises(ValidationError, match="nobody signs for two"):
        PrivacyKeys(
            district=(public("district"),),
            representatives=(Representative(name="union", key=public("district")),),
        )


def test_nor_does_it_in_another_spelling() -> None:
    key, other = public("district"), spelled_otherwise(public("district"))
    assert (decode(key), key != other) == (decode(other), True)
    with pytest.raises(ValidationError, match="a public key of Ed25519"):
        Representative(name="union", key=other)
    with pytest.raises(ValidationError, match="a public key of Ed25519"):
        PrivacyKeys(district=(key, other))
