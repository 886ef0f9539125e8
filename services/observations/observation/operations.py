"""What callers may do with observations: one is the teacher's and her assigned coach's to see.

The coach must be assigned at the time she asks: with the relationship her access ends, to
her own observations too. That only the observer records, completes, shares and corrects is
a rule of the observation itself. District administrators see no observation; a partner's program
that has the scope sees those that are shared.
"""

from __future__ import annotations

from coaching.observations.v1 import observation_pb2, observation_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.observations.observation import cases, correcting, lists, rules
from services.observations.observation.cases import Ports
from services.observations.observation.domain import Observation
from services.observations.observation.resources import (
    ObservationPage,
    observation_resource,
    observation_summary,
)

OWN_OR_SHOWN = Policy(teacher=True, coach=True, peer=True, about="observation")
SEEN = Policy(teacher=True, coach=True, peer=True, partners=True, about="observation")
SHOWN = Policy(
    teacher=True, coach=True, peer=True, shared_with=True, partners=True, about="observation"
)
OWN = Policy(teacher=True, about="observation")

OBSERVATION: Noun[Ports, Observation] = Noun(
    "/observations/{observation_id}",
    lambda ports: ports.observations,
    observation_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "observations",
    observation_pb2.DESCRIPTOR.services_by_name["ObservationsService"],
    observation_pb2_grpc.add_ObservationsServiceServicer_to_server,
    OBSERVATION.create(cases.schedule_observation, OWN_OR_SHOWN),
    OBSERVATION.change(
        cases.record_scores, OWN_OR_SHOWN, "scores", when=Observation.check_unshared
    ),
    OBSERVATION.change(
        cases.reschedule_observation,
        OWN_OR_SHOWN,
        "",
        verb="PATCH",
        when=Observation.check_reschedule,
    ),
    OBSERVATION.change(cases.complete_observation, OWN_OR_SHOWN, "complete", when=rules.completing),
    OBSERVATION.move(Observation.reopen, OWN_OR_SHOWN, when=Observation.check_reopen),
    OBSERVATION.change(cases.cancel_observation, OWN_OR_SHOWN, "cancel", when=rules.cancelling),
    OBSERVATION.change(
        cases.hand_over_observation, OWN_OR_SHOWN, "hand-over", when=rules.handing_over
    ),
    OBSERVATION.change(cases.share_observation, OWN_OR_SHOWN, "share", when=rules.sharing),
    OBSERVATION.change(
        cases.acknowledge_observation, OWN, "acknowledge", when=Observation.check_acknowledge
    ),
    OBSERVATION.change(
        correcting.correct_score,
        OWN_OR_SHOWN,
        "scores/{criterion_id}",
        verb="PUT",
        when=rules.correcting,
    ),
    OBSERVATION.change(
        correcting.void_score,
        OWN_OR_SHOWN,
        "scores/{criterion_id}/void",
        when=rules.voiding,
        late=Late.WINS,
    ),
    OBSERVATION.change(
        correcting.correct_lesson_note,
        OWN_OR_SHOWN,
        "lesson-note",
        verb="PUT",
        when=rules.correcting,
    ),
    OBSERVATION.get(SHOWN),
    OBSERVATION.find(lists.list_observations, SEEN, ObservationPage, observation_summary),
)
