"""Events that no card is made of, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from coaching.goals.v1 import celebration_events_pb2 as celebration_events
from coaching.goals.v1 import framework_events_pb2 as framework_events
from coaching.goals.v1 import goal_events_pb2 as goal_events
from coaching.goals.v1 import measure_events_pb2 as measure_events
from coaching.goals.v1 import share_events_pb2 as goal_shares
from coaching.goals.v1 import strategy_events_pb2 as strategy_events
from coaching.goals.v1 import tree_events_pb2 as tree_events
from coaching.goals.v1 import walk_events_pb2 as walk_events
from coaching.observations.v1 import observation_events_pb2 as observation_events
from coaching.observations.v1 import share_events_pb2 as observation_shares
from coaching.observations.v1 import tool_events_pb2 as tool_events
from coaching.privacy.v1 import artifact_erasure_events_pb2 as artifact_erasure_events
from coaching.privacy.v1 import erasure_events_pb2 as erasure_events
from coaching.privacy.v1 import partner_events_pb2 as partner_events
from coaching.privacy.v1 import policy_events_pb2 as policy_events
from coaching.privacy.v1 import receipt_events_pb2 as receipt_events
from coaching.privacy.v1 import retention_events_pb2 as retention_events
from coaching.privacy.v1 import statement_events_pb2 as statement_events
from coaching.programs.v1 import agreement_events_pb2 as agreement_events
from coaching.programs.v1 import circle_events_pb2 as circle_events
from coaching.programs.v1 import coaching_offer_events_pb2 as coaching_offer_events
from coaching.programs.v1 import coaching_request_events_pb2 as coaching_request_events
from coaching.programs.v1 import coaching_round_events_pb2 as coaching_round_events
from coaching.programs.v1 import community_meeting_events_pb2 as community_meeting_events
from coaching.programs.v1 import pair_interest_events_pb2 as pair_interest_events
from coaching.programs.v1 import planning_entry_events_pb2 as planning_entry_events
from coaching.programs.v1 import relationship_events_pb2 as relationship_events
from coaching.programs.v1 import takeaway_events_pb2 as takeaway_events
from coaching.programs.v1 import training_events_pb2 as training_events
from coaching.roster.v1 import cover_events_pb2 as cover_events
from coaching.roster.v1 import events_pb2 as roster_events
from coaching.roster.v1 import experience_events_pb2 as experience_events
from coaching.roster.v1 import grant_events_pb2 as grant_events
from coaching.roster.v1 import match_events_pb2 as match_events
from coaching.surveys.v1 import administration_events_pb2 as administration_events
from coaching.surveys.v1 import instrument_events_pb2 as instrument_events
from coaching.surveys.v1 import share_events_pb2 as survey_shares
from services.chassis.words import events_with
from services.insights.facts.reading import full_name

IGNORED: Mapping[str, str] = {
    full_name(roster_events.PersonUpserted): "names come from the access view",
    full_name(roster_events.PersonRemoved): "names come from the access view",
    full_name(roster_events.ClassUpserted): "no view shows classes",
    full_name(roster_events.ClassRemoved): "no view shows classes",
    **dict.fromkeys(
        events_with(grant_events.GrantSnapshot.DESCRIPTOR),
        "who may see what comes from the access view",
    ),
    full_name(experience_events.ExperienceStated): "bands are told by the roster alone",
    full_name(cover_events.CoverEntered): "who teaches what comes from the access view",
    full_name(cover_events.CoverChanged): "who teaches what comes from the access view",
    full_name(cover_events.CoverTransferred): "who teaches what comes from the access view",
    full_name(cover_events.CoverEnded): "who teaches what comes from the access view",
    full_name(measure_events.MeasureStated): "concerns no teacher",
    **dict.fromkeys(
        events_with(planning_entry_events.PlanningEntrySnapshot.DESCRIPTOR),
        "that something was written in a record only the timeline tells",
    ),
    **dict.fromkeys(
        events_with(coaching_round_events.CoachingRoundSnapshot.DESCRIPTOR), "concerns no teacher"
    ),
    **dict.fromkeys(
        events_with(pair_interest_events.PairInterestSnapshot.DESCRIPTOR),
        "who would like to be of a pair is told to nobody",
    ),
    **dict.fromkeys(
        events_with(training_events.TrainingSnapshot.DESCRIPTOR),
        "what a person was trained in is told to no coach of hers",
    ),
    **dict.fromkeys(
        events_with(coaching_request_events.CoachingRequestSnapshot.DESCRIPTOR),
        "whom she asks is who leads the program, not her coach",
    ),
    **dict.fromkeys(
        events_with(coaching_offer_events.CoachingOfferSnapshot.DESCRIPTOR),
        "for whom a coach would coach is no teacher's",
    ),
    **dict.fromkeys(
        events_with(agreement_events.AgreementSnapshot.DESCRIPTOR),
        "what the coach sees by it the relationship says",
    ),
    **dict.fromkeys(
        (
            *events_with(community_meeting_events.CommunityMeetingSnapshot.DESCRIPTOR),
            *events_with(takeaway_events.TakeawaySnapshot.DESCRIPTOR),
        ),
        "what is said among peers is on no card; its minutes come with the session",
    ),
    **dict.fromkeys(
        events_with(circle_events.CircleSnapshot.DESCRIPTOR),
        "who sees a card by a circle comes from the access view",
    ),
    **dict.fromkeys(
        events_with(strategy_events.StrategySnapshot.DESCRIPTOR), "concerns no teacher"
    ),
    **dict.fromkeys(
        events_with(framework_events.FrameworkSnapshot.DESCRIPTOR), "concerns no teacher"
    ),
    **dict.fromkeys(events_with(tree_events.TreeSnapshot.DESCRIPTOR), "concerns no teacher"),
    **dict.fromkeys(
        events_with(walk_events.WalkSnapshot.DESCRIPTOR), "what a walk leads to is a goal"
    ),
    **dict.fromkeys(
        events_with(celebration_events.CelebrationSnapshot.DESCRIPTOR),
        "what is celebrated a card says itself, and she decides who sees that it was",
    ),
    **dict.fromkeys(
        (
            *events_with(goal_shares.GoalShareSnapshot.DESCRIPTOR),
            *events_with(observation_shares.ObservationShareSnapshot.DESCRIPTOR),
            *events_with(survey_shares.AdministrationShareSnapshot.DESCRIPTOR),
        ),
        "the service that owns what is shared lets in by it",
    ),
    full_name(match_events.PersonMatchProposed): "no view shows who may be the same person",
    full_name(match_events.PersonMatchDismissed): "no view shows who may be the same person",
    full_name(match_events.PersonMerged): "what is hers comes with the events of each service",
    full_name(match_events.PersonSeparationBegun): "they are one person still",
    full_name(match_events.PersonSeparated): "what is hers comes with the events of each service",
    **dict.fromkeys(
        events_with(instrument_events.InstrumentSnapshot.DESCRIPTOR), "concerns no teacher"
    ),
    full_name(tool_events.ToolDrafted): "concerns no teacher",
    full_name(tool_events.ToolPublished): "concerns no teacher",
    full_name(tool_events.ToolWithdrawn): "concerns no teacher",
    full_name(statement_events.StatementDrafted): "concerns no teacher",
    full_name(statement_events.StatementPublished): "concerns no teacher",
    full_name(statement_events.StatementWithdrawn): "concerns no teacher",
    **dict.fromkeys(
        events_with(policy_events.PolicySnapshot.DESCRIPTOR), "no view shows what was agreed"
    ),
    **dict.fromkeys(events_with(partner_events.PartnerSnapshot.DESCRIPTOR), "concerns no teacher"),
    **dict.fromkeys(
        events_with(receipt_events.ReceiptSnapshot.DESCRIPTOR), "no view shows what partners keep"
    ),
    **dict.fromkeys(
        (
            *events_with(retention_events.RetentionSnapshot.DESCRIPTOR),
            *events_with(goal_events.RetentionReport.DESCRIPTOR),
            *events_with(observation_events.RetentionReport.DESCRIPTOR),
            *events_with(administration_events.RetentionReport.DESCRIPTOR),
            *events_with(relationship_events.RetentionReport.DESCRIPTOR),
        ),
        "what was erased says so itself",
    ),
    **{
        full_name(message): "what was erased says so itself"
        for message in (
            goal_events.ErasureCarriedOut,
            observation_events.ErasureCarriedOut,
            administration_events.ErasureCarriedOut,
            relationship_events.ErasureCarriedOut,
            artifact_erasure_events.ArtifactErasureOrdered,
            artifact_erasure_events.ArtifactErasureBegun,
            artifact_erasure_events.ArtifactErasureDeferred,
            artifact_erasure_events.ArtifactErasureWithdrawn,
            artifact_erasure_events.ArtifactErasureDone,
            artifact_erasure_events.ArtifactErasureMissed,
            erasure_events.ErasureOrdered,
            erasure_events.ErasureHeld,
            erasure_events.ErasureReleased,
            erasure_events.ErasureBegun,
            erasure_events.ErasureDeferred,
            erasure_events.ErasureWithdrawn,
            erasure_events.ErasureConfirmed,
            erasure_events.ErasureDone,
        )
    },
    full_name(statement_events.StatementAcknowledged): "no view shows what somebody has read",
}
