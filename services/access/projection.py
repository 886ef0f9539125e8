"""The small view that every service keeps to decide who may see what.

One row per person, `district:person`, in the collection `access`: her name, roles, grants,
classes, covers and merges (roster), her coaches (programs), which goals are hers (goals) and which
statements she has acknowledged (privacy); and one of each district's data-use policy,
`district:data-use-policy`. Read from Kafka, so that no service asks another on a request path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.privacy.v1 import policy_events_pb2 as policies
from coaching.privacy.v1 import statement_events_pb2 as statements
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import cover_events_pb2 as covers
from coaching.roster.v1 import events_pb2 as roster
from coaching.roster.v1 import grant_events_pb2 as grants
from coaching.roster.v1 import match_events_pb2 as matches
from services.access.facts import (
    ACKNOWLEDGED,
    CLASSES,
    COVERS,
    GOALS,
    GRANTS,
    MERGES,
    PERSONS,
    POLICIES,
    ROLE,
    TIES,
)
from services.access.privacy_keys import POLICY_ROW
from services.access.view import access_view
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import GONE, Event, Fact, Fold, Projection, topics_of
from services.chassis.words import words_of

COLLECTION = "access"
DATED_SECONDS = 5.0  # between two times that it is written down how old the view is


def _person(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    person: roster.Person = message.person
    _about(event, person.person_id)
    roles = [(each.role, each.org_id, each.begin_date, each.end_date) for each in person.roles]
    value = PERSONS.write(
        active=person.status == roster.RECORD_STATUS_ACTIVE,
        roles=[dict(zip(ROLE, each, strict=True)) for each in roles],
        given=person.given_name,
        family=person.family_name,
    )
    return [_fact(event, "person", value)]


def _class(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    each: roster.Class = getattr(message, "class")
    value = CLASSES.write(
        active=each.status == roster.RECORD_STATUS_ACTIVE,
        class_=each.class_id,
        teachers=list(each.teacher_ids),
        students=each.student_count,
        title=each.title,
    )
    return [_fact(event, "classes", value)]


_WORK = {
    relationships.WORK_GOALS: "goal",
    relationships.WORK_OBSERVATIONS: "observation",
    relationships.WORK_SURVEYS: "administration",
}

_ROLES = words_of(grants.GrantRole.DESCRIPTOR)  # what only a newer build knows opens nothing here


def _relationship(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    if isinstance(message, relationships.RelationshipErased):
        return [_fact(event, "relationships", GONE)]
    each: relationships.RelationshipSnapshot = message.relationship
    if _has_left(event, each.transferred_from_id):
        return [_fact(event, "relationships", GONE)]
    _about(event, each.teacher_id)
    # what only a newer build knows opens nothing here
    sees = [_WORK[work] for work in each.coach_sees if work in _WORK]
    value = TIES.write(
        active=each.state == relationships.RELATIONSHIP_STATE_ACTIVE,
        coach=each.coach_id,
        year=each.school_year,
        told=relationships.ACKNOWLEDGMENT_COACH_LEADS in each.acknowledged,
        sees=sees if each.coach_sees else None,
    )
    return [_fact(event, "relationships", value)]


def _goal(event: Event) -> Sequence[Fact]:
    """Only that there is such a goal: what becomes of it changes no row here."""
    message: Any = event.message
    if isinstance(message, goals.GoalErased):
        return [_fact(event, "goals", GONE)]
    each: goals.GoalSnapshot = message.goal
    if _has_left(event, each.transferred_from_id):
        return [_fact(event, "goals", GONE)]
    _about(event, each.teacher_id)
    value = GOALS.write(withdrawn=each.state == goals.GOAL_STATE_WITHDRAWN, goal=each.goal_id)
    return [_fact(event, "goals", value)]


def _grant(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    each: grants.GrantSnapshot = message.grant
    if _has_left(event, each.transferred_from_id):
        return [_fact(event, "grants", GONE)]
    _about(event, each.person_id)
    open_ = each.state == grants.GRANT_STATE_OPEN
    value = GRANTS.write(
        open=open_,
        role=_ROLES.get(each.role, ""),
        orgs=list(each.org_ids) if open_ else [],
        people=list(each.person_ids) if open_ else [],
        begins=each.begin_date,
        ends=each.end_date,
    )
    return [_fact(event, "grants", value)]


def _fact(event: Event, group: str, value: Mapping[str, Any]) -> Fact:
    return Fact(COLLECTION, event.envelope.key, group, event.envelope.aggregate_id, value)


def _has_left(event: Event, before: str) -> bool:
    """Whether it tells her who had it `before` that it is another record's now."""
    return bool(before) and event.envelope.key == f"{event.envelope.district}:{before}"


def _cover(event: Event) -> Sequence[Fact]:
    """For both sides: a fact of the one who is away opens nothing to her."""
    message: Any = event.message
    each: covers.CoverSnapshot = message.cover
    sides = (each.teacher_id, each.substitute_id)
    before = {each.teacher_before_id, each.substitute_before_id}.difference(sides)
    if any(_has_left(event, one) for one in before):
        return [_fact(event, "covers", GONE)]
    _about(event, *sides)
    value = COVERS.write(
        open=each.state == covers.COVER_STATE_OPEN,
        teacher=each.teacher_id,
        substitute=each.substitute_id,
        classes=list(each.class_ids),
        begins=each.begin_date,
        ends=each.end_date,
    )
    return [Fact(COLLECTION, event.envelope.key, "covers", event.envelope.aggregate_id, value)]


def _merge(event: Event) -> Sequence[Fact]:
    """For both records: the one that is given up is nobody any more, as soon as this is known."""
    message: Any = event.message
    each: matches.MatchSnapshot = message.match
    _about(event, each.from_person_id, each.into_person_id)
    value = MERGES.write(
        merged=isinstance(message, matches.PersonMerged),
        source=each.from_person_id,
        target=each.into_person_id,
    )
    return [_fact(event, "merges", value)]


def _policy(event: Event) -> Sequence[Fact]:
    """Of the versions of a district's data-use policy those that are enacted."""
    message: Any = event.message
    each: policies.PolicySnapshot = message.policy
    _about(event, POLICY_ROW)
    value = POLICIES.write(
        number=each.number,
        statement=each.statement_id,
        acknowledge=each.acknowledge_before_sharing,
    )
    return [_fact(event, "policies", value)]


def _acknowledged(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    each: statements.AcknowledgmentSnapshot = message.acknowledgment
    _about(event, each.person_id)
    return [_fact(event, "acknowledged", ACKNOWLEDGED.write(statement=each.statement_id))]


def _about(event: Event, *people: str) -> None:
    """Nobody gets a role or a coach out of a message about somebody else."""
    if event.envelope.key not in [f"{event.envelope.district}:{each}" for each in people]:
        raise InvalidEvent("the key names another person")


FOLDS: dict[str, Fold] = {
    **{
        message.DESCRIPTOR.full_name: _person
        for message in (roster.PersonUpserted, roster.PersonRemoved)
    },
    **{
        message.DESCRIPTOR.full_name: _class
        for message in (roster.ClassUpserted, roster.ClassRemoved)
    },
    **{
        message.DESCRIPTOR.full_name: _relationship
        for message in (
            relationships.RelationshipProposed,
            relationships.RelationshipCarriedOver,
            relationships.RelationshipAccepted,
            relationships.RelationshipDeclined,
            relationships.RelationshipEnded,
            relationships.RelationshipTransferred,
            relationships.RelationshipErased,
        )
    },
    **{
        message.DESCRIPTOR.full_name: _grant
        for message in (
            grants.GrantGiven,
            grants.GrantChanged,
            grants.GrantEnded,
            grants.GrantTransferred,
        )
    },
    **{
        message.DESCRIPTOR.full_name: _goal
        for message in (
            goals.GoalDrafted,
            goals.GoalWithdrawn,
            goals.GoalTransferred,
            goals.GoalErased,
        )
    },
    **{
        message.DESCRIPTOR.full_name: _cover
        for message in (
            covers.CoverEntered,
            covers.CoverChanged,
            covers.CoverEnded,
            covers.CoverTransferred,
        )
    },
    **{
        message.DESCRIPTOR.full_name: _merge
        for message in (matches.PersonMerged, matches.PersonSeparated)
    },
    policies.PolicyEnacted.DESCRIPTOR.full_name: _policy,
    statements.StatementAcknowledged.DESCRIPTOR.full_name: _acknowledged,
}


# What may end somebody's access. A person's other events may, too, but of these one that nobody can
# read would shut out her who has done nothing, and with a whole import everybody.
_ENDING = (_relationship, _grant, _cover, _merge, _policy)
_CLOSING = {
    roster.PersonRemoved.DESCRIPTOR.full_name,
    *(name for name, fold in FOLDS.items() if fold in _ENDING),
}


def row_of_parked(envelope: Envelope) -> Sequence[tuple[str, str]]:
    """The person whose access an unreadable event closes until somebody has looked: see
    `profile_of`."""
    return [(COLLECTION, envelope.key)] if envelope.type in _CLOSING else []


def _row_of_known(envelope: Envelope) -> Sequence[tuple[str, str]]:
    return [(COLLECTION, envelope.key)]


def access_projection(service: str) -> Projection:
    """The access view of one service, consumed by its own group."""
    return Projection(
        group=access_view(service),
        topics=topics_of(FOLDS),
        folds=FOLDS,
        derive={},
        row_of_parked=row_of_parked,
        row_of_known=_row_of_known,
        collections=(COLLECTION,),
        singles=frozenset(FOLDS.values()),  # of the row that its key names
        dated=DATED_SECONDS,
        topics_version=3,
    )
