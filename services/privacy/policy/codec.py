"""Data-use policies: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.privacy.v1 import policy_events_pb2 as published
from services.access.privacy_keys import POLICY_ROW
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.policy.domain import DataUsePolicy, PolicyEvent, PolicyState

POLICY_EVENTS = messages_of(published.DESCRIPTOR, "Policy", PolicyEvent)
_STATES = numbers_of(PolicyState, published.PolicyState.DESCRIPTOR)


def policy_snapshot(policy: DataUsePolicy) -> published.PolicySnapshot:
    """All but who proposed it, and the signatures: their keys tell who signed."""
    terms = policy.terms
    return published.PolicySnapshot(
        policy_id=policy.id,
        number=policy.number,
        document_sha256=policy.hash,
        before=policy.before,
        state=_STATES[policy.state],
        statement_id=policy.statement,
        statement_sha256=policy.statement_sha256,
        purposes=list(terms.purposes),
        audiences=list(terms.audiences),
        acknowledge_before_sharing=terms.acknowledge_before_sharing,
        leaders_see=terms.leaders_see,
        retention=[
            published.PolicyRetention(record=each.record, days=each.days)
            for each in terms.retention
        ],
        teacher_first_hours=terms.teacher_first_hours,
        recording=terms.recording,
        representatives_sign=terms.representatives_sign,
        signed_by=[each.key for each in policy.signatures],
        enacted_at=stamp(policy.enacted_at),
    )


def encode_policy(policy: DataUsePolicy, event: PolicyEvent) -> EncodedEvent:
    """All versions of a district have one key, so that they come in order, to one row."""
    message = POLICY_EVENTS[event](policy=policy_snapshot(policy))
    return encoded(message, (f"{policy.district}:{POLICY_ROW}",))


def _of_more_records(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 may say how long coaching sessions are kept, which no older build can read."""
    return state


def _of_enrollments(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 may say how long enrollments are."""
    return state


def _of_circles(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 may say how long circles are."""
    return state


def _of_planning_records(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 may say how long planning records are."""
    return state


def _of_coaching_requests(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 may say how long requests for coaching are."""
    return state


def _of_community_meetings(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 7 may say how long community meetings are."""
    return state


def _of_pair_interests(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 8 may say how long interest in pairs is."""
    return state


def _of_trainings(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 9 may say how long records of trainings are."""
    return state


def _of_coaching_offers(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 10 may say how long coaches' offers are."""
    return state


POLICIES = AggregateCodec(
    "policy",
    DataUsePolicy,
    encode_policy,
    [
        _of_more_records,
        _of_enrollments,
        _of_circles,
        _of_planning_records,
        _of_coaching_requests,
        _of_community_meetings,
        _of_pair_interests,
        _of_trainings,
        _of_coaching_offers,
    ],
)
