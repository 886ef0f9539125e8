"""What callers may do with trials. A trial is the teacher's, and who is shown her goals is shown
it; her reflection is hers until she shows it. District administrators see none."""

from __future__ import annotations

from coaching.goals.v1 import trial_pb2, trial_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.trial import cases, deciding
from services.goals.trial.cases import Ports
from services.goals.trial.domain import Trial
from services.goals.trial.lists import list_trials
from services.goals.trial.resources import (
    TrialPage,
    earlier_reflections_resource,
    reflection_resource,
    trial_resource,
    trial_summary,
)

OWN_OR_COACHED = Policy(teacher=True, coach=True, about="goal")
OWN_OR_SHOWN = Policy(teacher=True, coach=True, peer=True, about="goal")
OWN = Policy(teacher=True, about="goal")

TRIAL: Noun[Ports, Trial] = Noun(
    "/trials/{trial_id}",
    lambda ports: ports.trials,
    trial_resource,
    names=lambda ports: ports.names,
)
REFLECTION: Noun[Ports, Trial] = Noun(
    "/trials/{trial_id}/reflection", None, reflection_resource, of=TRIAL
)
EARLIER: Noun[Ports, Trial] = Noun(
    "/trials/{trial_id}/earlier-reflections", None, earlier_reflections_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    trial_pb2.DESCRIPTOR.services_by_name["TrialsService"],
    trial_pb2_grpc.add_TrialsServiceServicer_to_server,
    TRIAL.create(cases.plan_trial, OWN_OR_COACHED),
    TRIAL.change(cases.agree_trial, OWN, "agree", when=Trial.check_answer),
    TRIAL.move(Trial.decline, OWN, when=Trial.check_answer, late=Late.WINS),
    TRIAL.change(cases.edit_trial, OWN_OR_COACHED, "", verb="PATCH", when=Trial.check_edit),
    TRIAL.move(Trial.withdraw, OWN_OR_COACHED, when=Trial.check_withdraw, late=Late.WINS),
    TRIAL.move(Trial.rehearse, OWN, when=Trial.check_rehearse),
    TRIAL.move(Trial.try_out, OWN, "try-out", when=Trial.check_try_out),
    REFLECTION.change(cases.reflect_trial, OWN, "", verb="PUT", when=Trial.check_reflect),
    REFLECTION.get(OWN_OR_SHOWN, cases.get_reflection),
    EARLIER.get(OWN, cases.get_earlier_reflections),
    TRIAL.change(deciding.close_trial, OWN, "close", when=Trial.check_close),
    TRIAL.change(
        deciding.link_trial_result,
        OWN,
        "results",
        when=Trial.check_link_result,
        late=Late.ADDS,
    ),
    TRIAL.change(deciding.void_trial_result, OWN, "results/{result_number}/void", late=Late.WINS),
    TRIAL.move(Trial.step_back, OWN, "step-back", when=Trial.check_step_back),
    TRIAL.change(
        deciding.comment_trial, OWN_OR_SHOWN, "comments", when=Trial.check_comment, late=Late.ADDS
    ),
    TRIAL.change(
        deciding.void_comment, OWN_OR_SHOWN, "comments/{comment_number}/void", late=Late.WINS
    ),
    TRIAL.get(OWN_OR_SHOWN),
    TRIAL.find(list_trials, OWN_OR_SHOWN, TrialPage, trial_summary),
)
