"""What the access view makes of the privacy service's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from coaching.privacy.v1 import erasure_events_pb2 as erasures
from coaching.privacy.v1 import partner_events_pb2 as partners
from coaching.privacy.v1 import policy_events_pb2 as policies
from coaching.privacy.v1 import statement_events_pb2 as statements
from services.access.facts import ACKNOWLEDGED, HOLDS, PARTNERS, POLICIES
from services.access.privacy_keys import POLICY_ROW
from services.access.registered import registration_id
from services.access.row_facts import about, fact
from services.chassis.views.projection import Event, Fact, Fold
from services.chassis.words import events_with, words_of


def policy_fact(event: Event) -> Sequence[Fact]:
    """Of the versions of a district's data-use policy those that are enacted."""
    message: Any = event.message
    each: policies.PolicySnapshot = message.policy
    about(event, POLICY_ROW)
    value = POLICIES.write(
        number=each.number,
        statement=each.statement_id,
        acknowledge=each.acknowledge_before_sharing,
        audiences=list(each.audiences),
        teacher_first_hours=each.teacher_first_hours,
    )
    return [fact(event, "policies", value)]


def acknowledged_fact(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    each: statements.AcknowledgmentSnapshot = message.acknowledgment
    about(event, each.person_id)
    return [fact(event, "acknowledged", ACKNOWLEDGED.write(statement=each.statement_id))]


def hold_fact(event: Event) -> Sequence[Fact]:
    """Whether a legal hold is on her, which keeps what others wrote about her, too."""
    message: Any = event.message
    each: erasures.ErasureSnapshot = message.erasure
    about(event, each.person_id)
    held = each.state == erasures.ERASURE_STATE_HELD
    return [fact(event, "holds", HOLDS.write(held=held))]


_PARTNER_STATES = words_of(partners.PartnerState.DESCRIPTOR)


def partner_fact(event: Event) -> Sequence[Fact]:
    """Under its own id, which only its district and its client make."""
    message: Any = event.message
    each: partners.PartnerSnapshot = message.partner
    about(event, registration_id(event.envelope.district, each.partner_id))
    value = PARTNERS.write(
        partner=each.partner_id,
        state=_PARTNER_STATES.get(each.state, ""),
        scopes=list(each.scopes),
        behind=each.behind,
        until=each.until.ToDatetime(UTC).isoformat() if each.HasField("until") else "",
    )
    return [fact(event, "partners", value)]


PRIVACY_FOLDS: Mapping[str, Fold] = {
    policies.PolicyEnacted.DESCRIPTOR.full_name: policy_fact,
    statements.StatementAcknowledged.DESCRIPTOR.full_name: acknowledged_fact,
    erasures.ErasureHeld.DESCRIPTOR.full_name: hold_fact,
    erasures.ErasureReleased.DESCRIPTOR.full_name: hold_fact,
    **dict.fromkeys(events_with(partners.PartnerSnapshot.DESCRIPTOR), partner_fact),
}
