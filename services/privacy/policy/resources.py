"""Answers about data-use policies, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.fields import PageResource, Resource
from services.privacy.policy.domain import DataUsePolicy, PolicyState, Signer
from services.privacy.policy.outline import Audience, LeadersSee, RecordClass, Recording


class RetentionResource(Resource):
    record: RecordClass = Field(description="A class of records")
    days: int = Field(description="How many days after their school year it is kept")


class PolicySignatureResource(Resource):
    signer: Signer = Field(description="For whom it was signed")
    name: str = Field(description="Which representative, as the districts file calls them")
    key: str = Field(description="The public key, Ed25519, as base64 for URLs")
    signature: str = Field(description="Over the document, as base64 for URLs")
    signed_at: datetime = Field(description="When it was brought")


class PolicyResource(Acted):
    """The document that is signed is `format` to `representatives_sign`: docs/data-use-policy.md;
    its classes of records that are not in `retention` are kept for good."""

    policy_id: str
    format: str = Field(description="Which form of document it is")
    district_id: str
    number: int
    before: str = Field(description="The hash of the version before; empty of the first")
    statement_id: str
    statement_sha256: str = Field(description="SHA-256 of the statement's title and text")
    purposes: list[str]
    audiences: list[Audience]
    acknowledge_before_sharing: bool
    leaders_see: LeadersSee
    retention: list[RetentionResource]
    teacher_first_hours: int
    recording: Recording
    representatives_sign: int
    document_sha256: str = Field(description="SHA-256 of the document")
    loosened: list[str] = Field(description="By which terms it is looser than the one before")
    representatives_needed: int = Field(description="How many representatives have to sign it")
    state: PolicyState
    signatures: list[PolicySignatureResource] = Field(description="Those that count")
    proposed_at: datetime
    enacted_at: datetime | None = Field(description="When all had signed; null before")
    version: int


class PolicyPage(PageResource):
    policies: list[PolicyResource]


def policy_resource(policy: DataUsePolicy) -> PolicyResource:
    """One version of the district's data-use policy, with who has signed it."""
    return PolicyResource(
        policy_id=policy.id,
        **policy.document,
        document_sha256=policy.hash,
        loosened=list(policy.loosened),
        representatives_needed=policy.needed,
        state=policy.state,
        signatures=[
            PolicySignatureResource(
                signer=each.signer,
                name=each.name,
                key=each.key,
                signature=each.signature,
                signed_at=each.at,
            )
            for each in policy.signatures
        ],
        proposed_at=policy.proposed_at,
        enacted_at=policy.enacted_at,
        version=policy.version,
    )
