"""The small view that every service keeps to decide who may see what.

One row per person, `district:person`, in the collection `access`: her name, roles, grants,
classes, covers and merges (roster), her coaches, circles and meetings (programs), which goals are
hers (goals), which statements she has acknowledged and whether a legal hold is on her (privacy);
and one of each district's data-use policy, `district:data-use-policy`; and one of each partner's
program that the district has registered. And in the collection `school_days` one of each academic
session, and of each statement of a school year, so that instructional days are counted alike
everywhere.
Read from Kafka, so that no service asks another on a request path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import cover_events_pb2 as covers
from coaching.roster.v1 import events_pb2 as roster
from coaching.roster.v1 import grant_events_pb2 as grants
from coaching.roster.v1 import match_events_pb2 as matches
from services.access.calendar_folds import calendar_folds
from services.access.circle_folds import CIRCLE_FOLDS, WORK, circle_fact
from services.access.facts import (
    CLASSES,
    COVERS,
    GOALS,
    GRANTS,
    MERGES,
    PERSONS,
    ROLE,
    TIES,
)
from services.access.meetings import MEETING_FOLDS, meeting_fact
from services.access.privacy_folds import PRIVACY_FOLDS, partner_fact, policy_fact
from services.access.row_facts import COLLECTION as COLLECTION
from services.access.row_facts import SCHOOL_DAYS as SCHOOL_DAYS
from services.access.row_facts import about, fact, has_left
from services.access.view import access_view
from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import GONE, Event, Fact, Fold, Projection, topics_of
from services.chassis.words import words_of

DATED_SECONDS = 5.0  # between two times that it is written down how old the view is


def _person(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    person: roster.Person = message.person
    about(event, person.person_id)
    roles = [(each.role, each.org_id, each.begin_date, each.end_date) for each in person.roles]
    value = PERSONS.write(
        active=person.status == roster.RECORD_STATUS_ACTIVE,
        roles=[dict(zip(ROLE, each, strict=True)) for each in roles],
        given=person.given_name,
        family=person.family_name,
    )
    return [fact(event, "person", value)]


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
    return [fact(event, "classes", value)]


_ROLES = words_of(grants.GrantRole.DESCRIPTOR)  # what only a newer build knows opens nothing here


# What is paused opens what it did before; that it is paused changes no row here.
_ACTIVE = (relationships.RELATIONSHIP_STATE_ACTIVE, relationships.RELATIONSHIP_STATE_PAUSED)


def _relationship(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    if isinstance(message, relationships.RelationshipErased):
        return [fact(event, "relationships", GONE)]
    each: relationships.RelationshipSnapshot = message.relationship
    if has_left(event, each.transferred_from_id):
        return [fact(event, "relationships", GONE)]
    about(event, each.teacher_id)
    # what only a newer build knows opens nothing here
    sees = [WORK[work] for work in each.coach_sees if work in WORK]
    value = TIES.write(
        active=each.state in _ACTIVE,
        coach=each.coach_id,
        year=each.school_year,
        told=relationships.ACKNOWLEDGMENT_COACH_LEADS in each.acknowledged,
        sees=sees if each.coach_sees else None,
    )
    return [fact(event, "relationships", value)]


def _goal(event: Event) -> Sequence[Fact]:
    """Only that there is such a goal: what becomes of it changes no row here."""
    message: Any = event.message
    if isinstance(message, goals.GoalErased):
        return [fact(event, "goals", GONE)]
    each: goals.GoalSnapshot = message.goal
    if has_left(event, each.transferred_from_id):
        return [fact(event, "goals", GONE)]
    about(event, each.teacher_id)
    value = GOALS.write(withdrawn=each.state == goals.GOAL_STATE_WITHDRAWN, goal=each.goal_id)
    return [fact(event, "goals", value)]


def _grant(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    each: grants.GrantSnapshot = message.grant
    if has_left(event, each.transferred_from_id):
        return [fact(event, "grants", GONE)]
    about(event, each.person_id)
    open_ = each.state == grants.GRANT_STATE_OPEN
    value = GRANTS.write(
        open=open_,
        role=_ROLES.get(each.role, ""),
        orgs=list(each.org_ids) if open_ else [],
        people=list(each.person_ids) if open_ else [],
        begins=each.begin_date,
        ends=each.end_date,
    )
    return [fact(event, "grants", value)]


def _cover(event: Event) -> Sequence[Fact]:
    """For both sides: a fact of the one who is away opens nothing to her."""
    message: Any = event.message
    each: covers.CoverSnapshot = message.cover
    sides = (each.teacher_id, each.substitute_id)
    before = {each.teacher_before_id, each.substitute_before_id}.difference(sides)
    if any(has_left(event, one) for one in before):
        return [fact(event, "covers", GONE)]
    about(event, *sides)
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
    about(event, each.from_person_id, each.into_person_id)
    value = MERGES.write(
        merged=isinstance(message, matches.PersonMerged),
        source=each.from_person_id,
        target=each.into_person_id,
    )
    return [fact(event, "merges", value)]


_SCHOOL_DAYS = calendar_folds(SCHOOL_DAYS)
FOLDS: dict[str, Fold] = {
    **_SCHOOL_DAYS,
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
            grants.GrantBegun,
            grants.GrantEnding,
            grants.GrantLapsed,
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
    **PRIVACY_FOLDS,
    **CIRCLE_FOLDS,
    **MEETING_FOLDS,
}


# What may end somebody's access. A person's other events may, too, but of these one that nobody can
# read would shut out her who has done nothing, and with a whole import everybody.
_ENDING = (
    *(_relationship, circle_fact, meeting_fact, _grant, _cover, _merge),
    *(policy_fact, partner_fact),
)
_CLOSING = {
    roster.PersonRemoved.DESCRIPTOR.full_name,
    *(name for name, fold in FOLDS.items() if fold in _ENDING),
}


def row_of_parked(envelope: Envelope) -> Sequence[tuple[str, str]]:
    """The person whose access an unreadable event closes until somebody has looked: see
    `profile_of`. And the sessions or days of which not all is known."""
    if envelope.type in _SCHOOL_DAYS:
        return _row_of_known(envelope)
    return [(COLLECTION, envelope.key)] if envelope.type in _CLOSING else []


def _row_of_known(envelope: Envelope) -> Sequence[tuple[str, str]]:
    return [(SCHOOL_DAYS if envelope.type in _SCHOOL_DAYS else COLLECTION, envelope.key)]


def access_projection(service: str) -> Projection:
    """The access view of one service, consumed by its own group."""
    return Projection(
        group=access_view(service),
        topics=topics_of(FOLDS),
        folds=FOLDS,
        derive={},
        row_of_parked=row_of_parked,
        row_of_known=_row_of_known,
        collections=(COLLECTION, SCHOOL_DAYS),
        singles=frozenset(FOLDS.values()),  # of the row that its key names
        dated=DATED_SECONDS,
        topics_version=3,
    )
