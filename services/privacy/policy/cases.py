"""What callers do with data-use policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from services.access.days import Days
from services.access.guarded import About, Guarded
from services.access.privacy_keys import DISTRICT_KEY
from services.chassis.call import Call
from services.chassis.ed25519 import is_signed
from services.chassis.fields import Body, Code, Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.privacy.policy.domain import (
    MOST_POLICIES,
    DataUsePolicy,
    PolicyState,
    Signature,
    Signer,
)
from services.privacy.policy.outline import (
    Audience,
    LeadersSee,
    PolicyTerms,
    RecordClass,
    Recording,
    Retention,
    digest,
)
from services.privacy.statement.domain import Statement

BY_DATE = ByDate("proposed_at", within=("state",))


class Words(Protocol):
    async def get(self, district: str, id: str) -> Statement:
        """Raises Fault NOT_FOUND."""


class Versions(Protocol):
    async def get(self, district: str, id: str) -> DataUsePolicy:
        """Raises Fault NOT_FOUND."""


@dataclass(frozen=True, slots=True)
class Ports:
    """`versions` are for what a caller has been let do already."""

    policies: Guarded[DataUsePolicy]
    versions: Versions
    statements: Words
    days: Days
    clock: Clock


class RetainedFor(Body):
    record: Annotated[RecordClass, Field(strict=False, description="A class of records")]
    days: int = Field(ge=1, le=36_500, description="How long after their school year")


class ProposePolicy(Body):
    number: int = Field(ge=1, le=MOST_POLICIES, examples=[1])
    statement_id: Id = Field(examples=["7d0f6a3e-2b1c-5e4d-9f80-1a2b3c4d5e6f"])
    purposes: list[Code] = Field(max_length=10, examples=[["coaching"]])
    audiences: list[Annotated[Audience, Field(strict=False)]] = Field(
        max_length=10, examples=[["coach"]]
    )
    acknowledge_before_sharing: bool = Field(examples=[True])
    leaders_see: Annotated[LeadersSee, Field(strict=False)] = Field(examples=["counts"])
    retention: list[RetainedFor] = Field(
        default=[], max_length=20, examples=[[{"record": "goals", "days": 1_825}]]
    )
    teacher_first_hours: int = Field(default=0, ge=0, le=720, examples=[48])
    recording: Annotated[Recording, Field(strict=False)] = Field(examples=["none"])
    representatives_sign: int = Field(default=0, ge=0, le=20, examples=[1])

    def terms(self) -> PolicyTerms:
        return PolicyTerms(
            purposes=tuple(self.purposes),
            audiences=tuple(self.audiences),
            acknowledge_before_sharing=self.acknowledge_before_sharing,
            leaders_see=self.leaders_see,
            retention=tuple(Retention(each.record, each.days) for each in self.retention),
            teacher_first_hours=self.teacher_first_hours,
            recording=self.recording,
            representatives_sign=self.representatives_sign,
        )


async def propose_policy(ports: Ports, call: Call, asked: ProposePolicy) -> DataUsePolicy:
    """Propose the district's next data-use policy. As long as it is not enacted, another proposal
    of the same number takes its place, and what was signed of the first counts no more.

    Raises INVALID for a purpose other than coaching and where there is no such published statement,
    or it was published before the version before was enacted, or before what it would replace was
    proposed: its words were read as of that one. CONFLICT where the version before is not enacted,
    or this one is."""
    made: list[tuple[DataUsePolicy, datetime]] = []

    async def make() -> DataUsePolicy:
        made.append(await _made(ports, call, asked))
        return made[0][0].proposed()

    try:
        return await ports.policies.create_about(call, About(), make)
    except Fault as fault:
        if not already_there(fault):
            raise
    ((new, at),) = made
    return await ports.policies.change(call, new.id, lambda known: known.propose_again(new, at))


async def _made(ports: Ports, call: Call, asked: ProposePolicy) -> tuple[DataUsePolicy, datetime]:
    """And when its statement was published."""
    terms = asked.terms()
    terms.check()
    previous: DataUsePolicy | None = None
    if asked.number > 1:
        found = ports.versions.get(call.district, _id(ports, call, asked.number - 1))
        previous = await if_there(found)
        if previous is None or not previous.enacted:
            raise conflict("not_next", "The version before it is not enacted.")
    statement = await if_there(ports.statements.get(call.district, asked.statement_id))
    if statement is None or not statement.published or statement.published_at is None:
        told = "There is no such published statement."
        raise invalid("unknown_statement", told, "/statement_id")
    enacted_at = previous.enacted_at if previous is not None else None
    if enacted_at is not None and statement.published_at <= enacted_at:
        told = "It was published before the version before was enacted: publish another."
        raise invalid("statement_not_new", told, "/statement_id")
    new = DataUsePolicy(
        id=_id(ports, call, asked.number),
        district=call.district,
        number=asked.number,
        before="",
        statement=statement.id,
        statement_sha256=digest(f"{statement.title}\n\n{statement.text}".encode()),
        terms=terms.in_order(),
        loosened=(),
        needed=0,
        proposed_by=call.principal.person,
        proposed_at=ports.clock.now(),
    )
    represented = await _represented(ports, call, previous)
    return new.after(previous, represented=represented), statement.published_at


async def _represented(ports: Ports, call: Call, previous: DataUsePolicy | None) -> bool:
    """Whether the districts file names a representative now, or one has signed `previous` or any
    version before it, whoever is named now. 1 database command a version, until one is found."""
    if ports.days.districts.of(call.district).privacy_keys.representatives:
        return True
    while previous is not None:
        if previous.signed_for(Signer.REPRESENTATIVE) > 0:
            return True
        if previous.number == 1:
            break
        before = _id(ports, call, previous.number - 1)
        previous = await ports.versions.get(call.district, before)
    return False


class SignPolicy(Body):
    document_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the document that was signed", examples=["0123456789abcdef" * 4]
    )
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")] = Field(
        examples=["A" * 43]
    )
    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")] = Field(
        examples=["A" * 86]
    )


async def sign_policy(ports: Ports, call: Call, policy_id: Id, asked: SignPolicy) -> DataUsePolicy:
    """Add a signature to a proposed data-use policy; whoever is staff may bring it, for it is the
    key that signs. It is enacted as soon as all have signed that have to.

    Raises INVALID for a key that the districts file does not name, and for a signature that is not
    by this key over this document; CONFLICT where the proposal is not the one that was signed."""
    now, keys = ports.clock.now(), ports.days.districts.of(call.district).privacy_keys
    signers = keys.by_key

    def act(policy: DataUsePolicy) -> None:
        if asked.key not in signers:
            told = "The districts file names no such key."
            raise invalid("unknown_key", told, "/key")
        if asked.document_sha256 != policy.hash:
            raise conflict("another_document", "The proposal is not the one that was signed.")
        if not is_signed(policy.raw, asked.key, asked.signature):
            told = "The signature is not by this key over this document."
            raise invalid("wrong_signature", told, "/signature")
        name = signers[asked.key]
        signer = Signer.DISTRICT if name == DISTRICT_KEY else Signer.REPRESENTATIVE
        policy.sign(Signature(signer, name, asked.key, asked.signature, now), signers)

    return await ports.policies.change(call, policy_id, act)


async def list_policies(
    ports: Ports,
    call: Call,
    *,
    state: PolicyState | None = None,
    order: Order = Order.NEWEST,
    after: str,
    limit: int,
) -> Found[DataUsePolicy]:
    """The versions of the district's data-use policy, by when they were proposed. Of those that are
    enacted, the newest is in force."""
    by = BY_DATE.first(order)
    return await ports.policies.find(call, About(), where(state=state), after, limit, by=by)


def _id(ports: Ports, call: Call, number: int) -> str:
    return ports.policies.derived_id(call.district, str(number))
