"""Every id in every answer is one that all its readers may know, the thing's own, or a reference
that is left out for those who are not shown what it names. A new one has to be decided on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel

from services.access.shown import ALL_WORK, HERS_ALONE
from services.assembly.registry import SERVICES
from services.chassis.edge.naming import _plan, name_of, refers_to
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import apart
from services.chassis.fields import Resource, model_in

_ID = re.compile(r"(^|_)(id|ids|by)$")
# People, and what a district or its roster has: who sees a thing may know them.
OPEN = frozenset(
    "added_by by_id changed_by coach_id corrected_by decided_by drafted_by drafted_by_id ended_by "
    "enrolled_by from_person_id handed_over_by into_person_id merged_into_id observer_id owner_id "
    "lead_teacher_ids offered_by "
    "person_id person_ids proposed_by recorded_by substitute_id teacher_id teacher_ids voided_by "
    "withdrawn_by class_id class_ids district_id org_id org_ids parent_org_id "
    "framework_id standard_id parent_id case_id "
    "author_id commented_by linked_by planned_by revised_by strategy_id answered_by at_step_id "
    "chosen_by offered_id started_by answer_id follows strategy_ids tool_ids measure_ids tree_id "
    "parent_session_id school_ids school_org_id session_id session_ids "
    "construct_id criterion_id deviated_by lead_id lead_ids process_template_id program_id "
    "facilitator_id flag_id flag_answer_id coaching_round_id option_id option_ids planned_by "
    "stage_id step_id criterion_ids instrument_id item_ids measure_id scale_id "
    "series_id added_item_ids dropped_item_ids rescaled_item_ids reassigned_item_ids "
    "unchanged_item_ids missing_ids "
    "partner_id policy_id receipt_id statement_id tool_id sent_by".split()
)
# What it is the answer about, or what a mask of its own has taken out of what it is made from.
OWN = {
    ("GoalSummaryResource", "goal_id"),
    ("GoalResource", "goal_id"),
    ("RatingsResource", "goal_id"),
    ("GoalCheckResource", "goal_id"),
    ("GoalCommentsResource", "goal_id"),
    ("CheckInResource", "goal_id"),
    ("CheckInResource", "trial_id"),
    ("ObservationSummaryResource", "observation_id"),
    ("ObservationResource", "observation_id"),
    ("AdministrationResource", "administration_id"),
    ("ItemResultResource", "item_id"),
    ("ItemWordsResource", "item_id"),
    ("RewordedResource", "item_id"),
    ("RelationshipResource", "relationship_id"),
    ("RelationshipResource", "paused_by"),  # one of its two sides, told to these alone
    ("EnrollmentResource", "enrollment_id"),
    ("CircleResource", "circle_id"),
    # of whom it names, and who has or leads what it names
    *(
        ("CommunityMeetingResource", f"{name}_id")
        for name in ("community_meeting", "program", "coaching_session")
    ),
    ("CommunityMeetingResource", "circle_ids"),
    # of who facilitates or has joined it
    *(
        (f"{received}{kind}ShareResource", "community_meeting_id")
        for received in ("", "Received")
        for kind in ("Goal", "Administration")
    ),
    ("TakeawayResource", "takeaway_id"),
    ("TrainingResource", "training_id"),
    ("TrainingResource", "program_id"),
    ("TakeawayResource", "community_meeting_id"),
    # of who is of it, as it is itself
    *(
        ("PlanningEntryResource", f"{name}_id")
        for name in (
            *("planning_entry", "relationship", "circle", "written_as"),
            *("coaching_session", "corrects"),
        )
    ),
    ("PlanningRecordResource", "record_id"),
    # of the two, whose relationship it is of
    *(
        (f"Agreement{each}Resource", f"{of}_id")
        for each in ("", "Summary")
        for of in ("agreement", "relationship")
    ),
    ("PairResource", "circle_id"),
    ("PeerGroupResource", "circle_id"),
    ("EnrollmentSummaryResource", "enrollment_id"),
    ("CoachingRequestSummaryResource", "coaching_request_id"),
    ("CoachingOfferResource", "coaching_offer_id"),
    ("PairInterestResource", "pair_interest_id"),
    ("PairSuggestionResource", "program_ids"),
    ("CoachingRequestResource", "coaching_request_id"),
    *((f"{each}Resource", "trial_id") for each in ("Trial", "TrialSummary", "Reflection")),
    ("EarlierReflectionsResource", "trial_id"),
    ("CelebrationResource", "celebration_id"),
    ("WalkResource", "walk_id"),
    ("WalkSummaryResource", "walk_id"),
    ("CoachingSessionResource", "coaching_session_id"),
    ("CoachingSessionSummaryResource", "coaching_session_id"),
    # of its coach and whom it is of, as it is itself
    ("CoachingSessionResource", "series_id"),
    ("SessionSeriesResource", "series_id"),
    ("SessionOccurrenceResource", "coaching_session_id"),
    ("CoachingSessionSummaryResource", "series_id"),
    ("CoachingSessionResource", "circle_id"),
    ("CoachingSessionSummaryResource", "circle_id"),
    ("CoachingSessionResource", "scheduled_by"),
    ("CoachingSessionSummaryResource", "scheduled_by"),
    ("PlannedBeforeResource", "changed_by"),
    ("GoalShareResource", "goal_share_id"),
    ("GoalShareResource", "goal_id"),
    ("ReceivedGoalShareResource", "goal_share_id"),
    ("ReceivedGoalShareResource", "goal_id"),
    ("ObservationShareResource", "observation_share_id"),
    ("ObservationShareResource", "observation_id"),
    ("ReceivedObservationShareResource", "observation_share_id"),
    ("ReceivedObservationShareResource", "observation_id"),
    ("AdministrationShareResource", "administration_share_id"),
    ("AdministrationShareResource", "administration_id"),
    ("ReceivedAdministrationShareResource", "administration_share_id"),
    ("ReceivedAdministrationShareResource", "administration_id"),
    ("CarriedOverResource", "relationship_id"),
    ("CarriedOverResource", "from_relationship_id"),
    ("SkippedResource", "from_relationship_id"),
    ("AcknowledgmentResource", "acknowledgment_id"),
    # hers alone, and by what right somebody looked
    ("LookResource", "look_id"),
    ("LookResource", "viewer_id"),
    ("LookResource", "partner_id"),
    ("LookResource", "grant_id"),
    ("ImportJobSummary", "import_id"),
    ("ImportJobSummary", "by"),
    ("GrantResource", "grant_id"),
    ("MyGrantResource", "grant_id"),
    ("CoverResource", "cover_id"),
    ("MatchResource", "match_id"),
    # seen by the district's administrators alone, who may see every grant and cover
    ("MatchResource", "staying_grant_ids"),
    ("MatchResource", "staying_cover_ids"),
    ("ErasureResource", "erasure_id"),
    # of what she has ordered herself, or by the district's administrators alone
    ("ArtifactErasureResource", "artifact_erasure_id"),
    ("ArtifactErasureResource", "artifact_id"),
    ("ArtifactErasureResource", "ordered_by"),
    # by herself, or who was named to fetch all that is hers
    ("PersonalRecordResource", "of_id"),
    # as the caller has named it, and by what right somebody may
    ("AccessExplanationResource", "thing_id"),
    ("ExplainedOperationResource", "grant_id"),
    ("CommandAnswerResource", "command_id"),  # as the caller's device has named it
    # seen by the district's administrators and records officers
    ("DisclosureResource", "fetched_by"),
    # hers alone, of her own goals
    ("TakenPartHashResource", "part_id"),
    ("TakenPartResource", "part_id"),
    ("ErasureStepResource", "by"),
    ("PartnerStepResource", "by"),
    ("PartnerResource", "overdue_receipt_ids"),
    # of what she has shared none but her and the partner: `services.privacy.receipt.cases.about`
    ("ReceiptResource", "artifact_id"),
    ("ReceiptResource", "confirmed_by"),
    # of a card: `services.insights.caseload.domain.sight`
    ("OpenGoalResource", "goal_id"),
    ("LastObservationResource", "observation_id"),
    ("LastSurveyResource", "administration_id"),
    ("FlagResource", "evidence_ids"),
    # of a pair the two's own observations, as `services.insights.pair.domain` says; of a program it
    ("FindingResource", "evidence_ids"),
    # to the owner of a share, who named its audience
    ("ShareFindingResource", "evidence_ids"),
    # of a timeline: `services.insights.timeline.domain.as_seen_by`
    ("TimelineItemResource", "item_id"),
    ("TimelineItemResource", "goal_id"),
    # as the caller, its author, has said it herself
    *(
        (f"Draft{each}Resource", name)
        for each in ("", "Summary")
        for name in ("draft_id", "about_id")
    ),
    # of an instrument
    ("ItemResource", "item_id"),
}


def answers() -> Iterator[type[BaseModel]]:
    for service in SERVICES:
        for table in import_module(f"services.{service}.bootstrap").tables().values():
            for operation in table.operations:
                yield operation.answer


def within(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        inner = model_in(field.annotation)
        if inner is not None:
            yield from within(inner)


MODELS = {each for answer in answers() for each in within(answer)}


def test_every_id_is_open_its_own_or_a_reference() -> None:
    undecided, marked = set(), set()
    for model in MODELS:
        plan = _plan(model)
        references = dict(plan.references) if plan else {}
        marked |= {(each.kind, name) for name, each in references.items()}
        for name, field in model.model_fields.items():
            named = (model.__name__, name)
            is_id = _ID.search(name) and model_in(field.annotation) is None
            if is_id and name not in OPEN and named not in OWN and name not in references:
                undecided.add(named)
    assert not undecided, "mark it by `refers_to`, or say here why everybody may know it"
    assert marked == {
        ("goal", "goal_id"),
        ("goal", "trial_id"),
        ("observation", "observation_id"),
        ("observation", "student_work_id"),
        ("administration", "administration_id"),
        ("takeaway", "takeaway_id"),
    }
    assert {kind for kind, _ in marked} <= ALL_WORK | HERS_ALONE
    assert {name for name, _ in OWN} <= {each.__name__ for each in MODELS}


class Names:
    async def names(self, call: Any, wanted: Any) -> Any: ...

    async def hidden(self, call: Any, asked: Any) -> Any: ...


class Referring(Resource):
    teacher_id: str
    goal_id: str | None = refers_to("goal", "teacher_id")


class Around(Resource):
    inside: list[Referring]


class Named(Resource):
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")


def around(thing: Any) -> Around:
    """Answers."""
    raise NotImplementedError


@pytest.mark.parametrize("answer", [Referring, Around, Named])
def test_what_nobody_would_settle_is_refused_when_it_is_stated(answer: type[Resource]) -> None:
    async def case(ports: Any, call: Any) -> Any:
        """Answers."""

    case.__annotations__["return"] = answer
    with pytest.raises(ValueError, match="needs names"):
        apart(case, "GET", "/things", None)


def test_a_noun_that_refers_to_others_needs_somebody_to_ask() -> None:
    with pytest.raises(ValueError, match="Around needs names"):
        Noun("/things/{thing_id}", None, around)
    Noun("/things/{thing_id}", None, around, names=lambda ports: Names())


def test_a_reference_can_be_null() -> None:
    class Certain(Resource):
        teacher_id: str
        goal_id: str = refers_to("goal", "teacher_id")

    with pytest.raises(TypeError, match=r"Certain\.goal_id cannot be null"):
        _plan(Certain)
