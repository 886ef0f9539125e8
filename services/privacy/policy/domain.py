"""A district's data-use policy, version by version: proposed by the district, signed with keys that
Tandem never has, and from then on in force until the next one is.

There is one of each number, and what has been enacted never changes. The next names the hash of the
one before, so that neither an old version nor one of another district can come back: it would not
fit. Whatever allows more than the version before is signed by the teachers' representatives, too,
and so is every version that follows one which says so. So are other words, once one of them has
signed any version: a district alone cannot loosen anything.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.chassis.kernel import Aggregate, conflict, invalid
from services.privacy.policy.outline import (
    FORMAT,
    PolicyTerms,
    canonical,
    digest,
    looser_in,
    needed_of,
)

MOST_POLICIES = 200  # versions of a district


class PolicyState(enum.StrEnum):
    PROPOSED = "proposed"
    ENACTED = "enacted"  # all have signed: in force until the next number is


class PolicyEvent(enum.StrEnum):
    PROPOSED = "proposed"
    SIGNED = "signed"
    ENACTED = "enacted"


class Signer(enum.StrEnum):
    DISTRICT = "district"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class Signature:
    """`key` and `signature` are base64 for URLs, without padding: the raw public key of Ed25519, 32
    bytes, and 64 bytes over the document. `name`: what the districts file calls a
    representative."""

    signer: Signer
    name: str
    key: str
    signature: str
    at: datetime


@dataclass(kw_only=True)
class DataUsePolicy(Aggregate):
    """Number 1, 2, 3 and so on of a district. `before`: the hash of the one before, empty of the
    first. `statement`: the published statement that says it in plain words, and its hash.
    `loosened`: the terms by which it is looser than the one before. `needed`: how many
    representatives have to sign it."""

    number: int
    before: str
    statement: str
    statement_sha256: str
    terms: PolicyTerms
    loosened: tuple[str, ...]
    needed: int
    proposed_by: str
    proposed_at: datetime
    state: PolicyState = PolicyState.PROPOSED
    signatures: tuple[Signature, ...] = ()
    enacted_at: datetime | None = None

    def after(self, previous: DataUsePolicy | None, *, represented: bool) -> DataUsePolicy:
        """The same as the version after `previous`: who has to sign it follows from both.
        `represented`: as `needed_of` takes it."""
        before = previous.terms if previous is not None else None
        reworded = previous is not None and self.statement_sha256 != previous.statement_sha256
        needed = needed_of(self.terms, before, reworded=reworded, represented=represented)
        if previous is None:
            return replace(self, needed=needed)
        loosened = looser_in(self.terms, previous.terms)
        return replace(self, before=previous.hash, loosened=loosened, needed=needed)

    def proposed(self) -> DataUsePolicy:
        """Its first event."""
        self.record(PolicyEvent.PROPOSED)
        return self

    def propose_again(self, other: DataUsePolicy, published_at: datetime) -> None:
        """Something else under the same number; what was signed was not that. The same again
        changes nothing. `published_at`: when its statement was, after this was proposed: so the
        words of one proposal never stand for other terms, and none comes back with what was signed
        of it."""
        if other.document == self.document:
            return
        if self.enacted:
            raise conflict("already_enacted", "This version is enacted, and never changes.")
        if published_at <= self.proposed_at:
            told = "It was published before what it would replace was proposed: publish another."
            raise invalid("statement_not_new", told, "/statement_id")
        self.statement, self.statement_sha256 = other.statement, other.statement_sha256
        self.terms, self.loosened, self.needed = other.terms, other.loosened, other.needed
        self.proposed_by, self.proposed_at = other.proposed_by, other.proposed_at
        self.signatures = ()
        self.record(PolicyEvent.PROPOSED)

    def check_sign(self, by: str, at: datetime) -> None:
        if self.enacted:
            raise conflict("already_enacted", "This version is enacted, and never changes.")

    def sign(self, signature: Signature, listed: Collection[str]) -> None:
        """Add a signature that was found to be right; enacted once all have signed that have to.
        `listed`: the keys that the districts file names now: what others have signed counts no
        more. The same key again changes nothing."""
        if any(each.key == signature.key for each in self.signatures):
            return
        self.check_sign("", signature.at)
        kept = (each for each in self.signatures if each.key in listed)
        self.signatures = (*kept, signature)
        if self.complete:
            self.state, self.enacted_at = PolicyState.ENACTED, signature.at
            self.record(PolicyEvent.ENACTED)
        else:
            self.record(PolicyEvent.SIGNED)

    @property
    def complete(self) -> bool:
        """Whether the district has signed, and as many representatives as have to."""
        representatives = self.signed_for(Signer.REPRESENTATIVE)
        return self.signed_for(Signer.DISTRICT) > 0 and representatives >= self.needed

    def signed_for(self, signer: Signer) -> int:
        """By how many keys."""
        return [each.signer for each in self.signatures].count(signer)

    @property
    def enacted(self) -> bool:
        return self.state is PolicyState.ENACTED

    @property
    def document(self) -> Mapping[str, Any]:
        """What is signed."""
        return {
            "format": FORMAT,
            "district_id": self.district,
            "number": self.number,
            "before": self.before,
            "statement_id": self.statement,
            "statement_sha256": self.statement_sha256,
            **self.terms.told(),
        }

    @property
    def raw(self) -> bytes:
        """The document as it is signed."""
        return canonical(self.document)

    @property
    def hash(self) -> str:
        """SHA-256 of the document, in lower-case hex."""
        return digest(self.raw)
