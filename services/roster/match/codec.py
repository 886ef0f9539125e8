"""Records that may be one person: stored state and published events."""

from __future__ import annotations

from typing import Any

from coaching.roster.v1 import match_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.roster.match.domain import Match, MatchEvent, MatchReason, MatchState

MATCH_EVENTS = messages_of(published.DESCRIPTOR, "Person", MatchEvent)
_STATES = numbers_of(MatchState, published.MatchState.DESCRIPTOR)
REASONS = numbers_of(MatchReason, published.MatchReason.DESCRIPTOR)


def match_snapshot(match: Match) -> published.MatchSnapshot:
    return published.MatchSnapshot(
        match_id=match.id,
        from_person_id=match.source,
        into_person_id=match.target,
        state=_STATES[match.state],
        reason=REASONS[match.reason],
        proposed_at=stamp(match.proposed_at),
        decided_at=stamp(match.decided_at),
    )


def encode_match(match: Match, event: MatchEvent) -> EncodedEvent:
    """To both of them."""
    message = MATCH_EVENTS[event](match=match_snapshot(match))
    return encoded(message, tuple(f"{match.district}:{of}" for of in (match.source, match.target)))


def _kept_never_given_up(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says what can no longer be taken back."""
    merged = state["state"] in (MatchState.MERGED, MatchState.SEPARATED)
    return {**state, "kept_given_up": 0 if merged else None, "turned": False}


def _nothing_stays(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says when two were merged, who wants them parted, and what stays where it is."""
    merged_at = state["decided_at"] if state["state"] == MatchState.MERGED else None
    staying = {"grants": [], "covers": [], "more": 0}
    new = {"merged_at": merged_at, "separating_by": "", "separating_at": None, "staying": staying}
    return {**state, **new}


MATCHES = AggregateCodec("match", Match, encode_match, [_kept_never_given_up, _nothing_stays])
