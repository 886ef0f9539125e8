"""Whose signatures of a data-use policy count when keys are changed meanwhile."""

from __future__ import annotations

from services.chassis.ed25519 import is_signed, new_key, public_key, sign
from services.privacy.policy.domain import DataUsePolicy, Signature, Signer
from tests.support.clocks import START
from tests.unit.test_policy_terms import TERMS

DISTRICT, OLD, NEW = "district-key", "old-key", "new-key"


def policy() -> DataUsePolicy:
    return DataUsePolicy(
        id="policy-1",
        district="north",
        number=1,
        before="",
        statement="statement-1",
        statement_sha256="",
        terms=TERMS,
        loosened=(),
        needed=1,
        proposed_by="admin-1",
        proposed_at=START,
    )


def signature(key: str) -> Signature:
    signer = Signer.DISTRICT if key == DISTRICT else Signer.REPRESENTATIVE
    return Signature(signer, "", key, "", START)


def test_a_key_that_was_taken_away_counts_no_more() -> None:
    proposed = policy()
    proposed.sign(signature(OLD), {DISTRICT, OLD})
    proposed.take_event()
    proposed.sign(signature(DISTRICT), {DISTRICT, NEW})
    proposed.take_event()
    assert not proposed.enacted
    assert [each.key for each in proposed.signatures] == [DISTRICT]
    proposed.sign(signature(NEW), {DISTRICT, NEW})
    assert proposed.enacted


def test_what_is_signed_is_signed_by_one_key_over_these_bytes() -> None:
    private, other = new_key(), new_key()
    public, signed = public_key(private), sign(b"these", private)
    assert is_signed(b"these", public, signed)
    assert not is_signed(b"those", public, signed)
    assert not is_signed(b"these", public_key(other), signed)
    assert not is_signed(b"these", "no key", "no signature")
    assert not is_signed(b"these", public, "é")
