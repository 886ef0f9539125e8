"""What the privacy service publishes, example by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.privacy.v1 import (
    artifact_erasure_events_pb2,
    erasure_events_pb2,
    partner_events_pb2,
    policy_events_pb2,
    receipt_events_pb2,
    retention_events_pb2,
    statement_events_pb2,
)
from services.access.registered import registration_id
from services.privacy.acknowledgment.codec import ACKNOWLEDGMENTS
from services.privacy.acknowledgment.domain import Acknowledgment
from services.privacy.artifact_erasure.codec import ARTIFACT_ERASURES
from services.privacy.artifact_erasure.domain import ArtifactErasure, ArtifactKind
from services.privacy.erasure.codec import ERASURES
from services.privacy.erasure.domain import SERVICES, SETTLES, Erasure, LegalHold
from services.privacy.partner.codec import PARTNERS
from services.privacy.partner.domain import Partner, PartnerTerms
from services.privacy.policy.codec import POLICIES
from services.privacy.policy.domain import DataUsePolicy, Signature, Signer
from services.privacy.policy.outline import (
    Audience,
    LeadersSee,
    PolicyTerms,
    RecordClass,
    Recording,
    Retention,
)
from services.privacy.receipt.codec import RECEIPTS
from services.privacy.receipt.domain import DeletionReceipt, ReceiptCause
from services.privacy.retention.codec import RETENTIONS
from services.privacy.retention.domain import (
    InForce,
    KeptFor,
    RetentionClock,
    RoundFound,
    YearFound,
)
from services.privacy.statement.codec import STATEMENTS
from services.privacy.statement.domain import Statement
from tests.support.clocks import START
from tests.support.golden import assert_complete, assert_golden

CANARY = "canary-free-text"
ADMIN = "admin-1"
HERS = ("teacher-1", "teacher-9")
ON_OTHERS = (LegalHold("coach-1", 3, ("coach-1", "coach-9")),)
RECEIPT = "5f0c9a4e-0000-4000-8000-00000000000b"
STATEMENT = "5f0c9a4e-0000-4000-8000-000000000005"


def statement(*steps: str) -> Statement:
    new = Statement(
        id=STATEMENT,
        district="north",
        title=CANARY,
        text=CANARY,
        drafted_by=ADMIN,
        drafted_at=START,
    ).drafted()
    for step in steps:
        new.take_event()
        getattr(new, step)(ADMIN, START)
    return new


def acknowledgment() -> Acknowledgment:
    return Acknowledgment(
        id="5f0c9a4e-0000-4000-8000-000000000006",
        district="north",
        statement=STATEMENT,
        person="teacher-1",
        at=START,
    ).made()


def erasure(*steps: str, confirmed: int = 0, pending: str = "") -> Erasure:
    new = Erasure(
        id="5f0c9a4e-0000-4000-8000-000000000009",
        district="north",
        person="teacher-1",
        changed_at=START,
    )
    for step in steps:
        new.take_event()
        getattr(new, step)(ADMIN, START, CANARY)
    if pending:
        new.order(ADMIN, START, CANARY, settles=True)
    if pending == "defer":
        new.take_event()
        new.defer(START)
    elif pending == "begin":
        new.take_event()
        new.begin(HERS, ON_OTHERS, START + SETTLES, START + SETTLES)
    for service in SERVICES[:confirmed]:
        new.take_event()
        new.confirm(service, 1, 3, START, START)
    return new


def artifact_erasure(*steps: str) -> ArtifactErasure:
    new = ArtifactErasure(
        id="5f0c9a4e-0000-4000-8000-000000000010",
        district="north",
        kind=ArtifactKind.ADMINISTRATION,
        artifact="5f0c9a4e-0000-4000-8000-000000000011",
        person="teacher-1",
        own=not steps,
        ordered_by=ADMIN,
        ordered_at=START,
        reason=CANARY,
        begins_at=START + SETTLES,
    ).ordered()
    for step in steps:
        new.take_event()
        new.version += 1
        if step == "begin":
            new.begin(HERS, ON_OTHERS, START + SETTLES, START + SETTLES)
        elif step == "withdraw":
            new.withdraw(ADMIN, START)
        elif step == "defer":
            new.defer(START)
        else:
            new.confirm("surveys", new.asked, int(step), START + SETTLES)
    return new


def policy(*signed: str) -> DataUsePolicy:
    terms = PolicyTerms(
        purposes=("coaching",),
        audiences=(Audience.COACH,),
        acknowledge_before_sharing=True,
        leaders_see=LeadersSee.COUNTS,
        retention=(Retention(RecordClass.GOALS, 1825),),
        teacher_first_hours=48,
        recording=Recording.NONE,
        representatives_sign=1,
    )
    listed = {f"key-{each}" for each in Signer}
    new = DataUsePolicy(
        id="5f0c9a4e-0000-4000-8000-00000000000a",
        district="north",
        number=2,
        before="b" * 64,
        statement=STATEMENT,
        statement_sha256="a" * 64,
        terms=terms,
        loosened=(),
        needed=1,
        proposed_by=ADMIN,
        proposed_at=START,
    ).proposed()
    for signer in signed:
        new.take_event()
        new.sign(Signature(Signer(signer), CANARY, f"key-{signer}", "s", START), listed)
    return new


def retention(*, noted: bool = False) -> RetentionClock:
    new = RetentionClock(id="5f0c9a4e-0000-4000-8000-00000000000d", district="north")
    terms = (KeptFor("goals", 1825), KeptFor("looks", 400))
    new.ask(InForce(2, START - timedelta(days=8), terms), ("teacher-1",), "2026-10-05", START)
    if noted:
        new.take_event()
        found = RoundFound("goals", START, (YearFound(2024, 2),), 0, 1, 2, 3, complete=True)
        new.note(1, found)
    return new


def partner(*steps: str) -> Partner:
    terms = PartnerTerms(CANARY, ("goals.read", "roster.read"), CANARY, START + timedelta(days=300))
    new = Partner(
        id=registration_id("north", "warehouse"),
        district="north",
        partner="warehouse",
        terms=terms,
        registered_at=START,
    ).registered(ADMIN)
    for step in steps:
        new.take_event()
        if step in ("fall_behind", "catch_up"):
            getattr(new, step)(RECEIPT)
        elif step == "change":
            new.change(replace(terms, scopes=("goals.read",), until=None), ADMIN, START)
        else:
            getattr(new, step)(ADMIN, START, CANARY)
    return new


def receipt(*steps: str) -> DeletionReceipt:
    due = START + timedelta(days=30)
    new = DeletionReceipt(
        id=RECEIPT,
        district="north",
        partner="warehouse",
        person=CANARY,
        cause=ReceiptCause.SHARE_REVOKED,
        artifact=CANARY,
        kinds=("goal", "goals.journal"),
        read_from=START - timedelta(days=9),
        read_until=START,
        opened_at=START,
        due_at=due,
    ).opened()
    for step in steps:
        new.take_event()
        if step == "fall_due":
            new.fall_due(due)
        else:
            new.confirm("warehouse", due)
    return new


EVENTS = [
    ("RetentionAsked", retention()),
    ("RetentionNoted", retention(noted=True)),
    ("PartnerRegistered", partner()),
    ("PartnerChanged", partner("change")),
    ("PartnerSuspended", partner("suspend")),
    ("PartnerResumed", partner("suspend", "resume")),
    ("PartnerFellBehind", partner("fall_behind")),
    ("PartnerCaughtUp", partner("fall_behind", "catch_up")),
    ("PartnerRevoked", partner("revoke")),
    ("ReceiptOpened", receipt()),
    ("ReceiptOverdue", receipt("fall_due")),
    ("ReceiptConfirmed", receipt("fall_due", "confirm")),
    ("PolicyProposed", policy()),
    ("PolicySigned", policy("representative")),
    ("PolicyEnacted", policy("representative", "district")),
    ("ErasureOrdered", erasure("order")),
    ("ErasureHeld", erasure("hold")),
    ("ErasureReleased", erasure("hold", "order", "release")),
    ("ErasureDeferred", erasure(pending="defer")),
    ("ErasureBegun", erasure(pending="begin")),
    ("ErasureWithdrawn", erasure("hold", "order", "withdraw")),
    ("ErasureConfirmed", erasure("order", confirmed=1)),
    ("ErasureDone", erasure("order", confirmed=4)),
    ("ArtifactErasureOrdered", artifact_erasure()),
    ("ArtifactErasureBegun", artifact_erasure("begin")),
    ("ArtifactErasureDeferred", artifact_erasure("begin", "defer")),
    ("ArtifactErasureWithdrawn", artifact_erasure("withdraw")),
    ("ArtifactErasureDone", artifact_erasure("begin", "3")),
    ("ArtifactErasureMissed", artifact_erasure("begin", "0")),
    ("StatementDrafted", statement()),
    ("StatementPublished", statement("publish")),
    ("StatementWithdrawn", statement("withdraw")),
    ("StatementAcknowledged", acknowledgment()),
]


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str,
    aggregate: Statement
    | Acknowledgment
    | Erasure
    | ArtifactErasure
    | DataUsePolicy
    | RetentionClock
    | Partner
    | DeletionReceipt,
) -> None:
    if isinstance(aggregate, Statement):
        encoded = STATEMENTS.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, Erasure):
        encoded = ERASURES.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, ArtifactErasure):
        encoded = ARTIFACT_ERASURES.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, RetentionClock):
        encoded = RETENTIONS.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, DataUsePolicy):
        encoded = POLICIES.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, DeletionReceipt):
        encoded = RECEIPTS.encode(aggregate, aggregate.take_event())
    elif isinstance(aggregate, Partner):
        encoded = PARTNERS.encode(aggregate, aggregate.take_event())
    else:
        encoded = ACKNOWLEDGMENTS.encode(aggregate, aggregate.take_event())
    assert encoded.type == f"coaching.privacy.v1.{name}"
    assert_golden("privacy", encoded)
    assert CANARY.encode() not in encoded.data


def test_every_event_has_an_example() -> None:
    erasing = (erasure_events_pb2, artifact_erasure_events_pb2, retention_events_pb2)
    partners = (partner_events_pb2, receipt_events_pb2)
    assert_complete("privacy", statement_events_pb2, policy_events_pb2, *erasing, *partners)


def test_what_is_stored_is_read_back_the_same() -> None:
    new = statement()
    assert STATEMENTS.from_state(new.id, "north", 0, STATEMENTS.to_state(new)) == new
    for ordered in (erasure("hold", "release", "order", confirmed=4), erasure(pending="begin")):
        assert ERASURES.from_state(ordered.id, "north", 0, ERASURES.to_state(ordered)) == ordered
    one = artifact_erasure("begin", "3")
    state = ARTIFACT_ERASURES.to_state(one)
    assert ARTIFACT_ERASURES.from_state(one.id, "north", one.version, state) == one
    proposed = policy("district")
    assert POLICIES.from_state(proposed.id, "north", 0, POLICIES.to_state(proposed)) == proposed
    asked = retention(noted=True)
    assert RETENTIONS.from_state(asked.id, "north", 0, RETENTIONS.to_state(asked)) == asked
    known = partner("fall_behind", "suspend", "revoke")
    assert PARTNERS.from_state(known.id, "north", 0, PARTNERS.to_state(known)) == known
    due = receipt("fall_due", "confirm")
    assert RECEIPTS.from_state(due.id, "north", 0, RECEIPTS.to_state(due)) == due
    made = acknowledgment()
    assert ACKNOWLEDGMENTS.from_state(made.id, "north", 0, ACKNOWLEDGMENTS.to_state(made)) == made
