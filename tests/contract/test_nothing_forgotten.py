"""Whoever adds an operation, an event, a state or a field is told of the place she forgot."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from services.assembly.registry import WRITE_SERVICES
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.write_path import EncodedEvent
from tests.support.clocks import START
from tests.support.exchanges import NORTH
from tests.support.filled import Filled
from tests.support.golden import golden_events
from tests.support.operations import SEEN, Route, caller_of, example_body, routes
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.readers import facts_of

EXAMPLES = [
    pytest.param(example, id=example.type)
    for name in WRITE_SERVICES
    for example in golden_events(name)
]
# What is asked of an act, and is not of the thing that it changes. That a coach sees less is the
# teacher's to say: of a coach who proposes it is not taken.
OF_THE_ACT = frozenset(
    "acknowledges answers code from_school_year key note page_token reason remove_class "
    "remove_due_date remove_barriers remove_materials_unit remove_expires_on "
    "remove_aims_at remove_outcome_stage remove_priority_tags "
    "link_evidence.kind link_evidence.evidence_id extend_framework.standards "
    "rate_goal.importance rate_goal.confidence "  # in a list
    "sync.commands seats to_school_year value propose_relationship.coach_sees "
    "correct_score.score "  # which is among its scores
    "deviate_program.step_id deviate_program.deviation plan_program.template "  # in a list
    "draft_program.stages draft_program.lead_ids edit_program.lead_ids "  # or a template's
    "create_goal_share.community_meeting_id create_administration_share.community_meeting_id "
    "plan_trial.takeaway_id "  # told to herself alone, and her coach plans it
    "comment_trial.text comment_goal.text "
    "link_trial_result.kind link_trial_result.evidence_id close_trial.results "  # in a list
    "revise_goal.evidence_numbers revise_goal.new_evidence "
    "answer_step.step_id answer_step.answer_id choose_offer.step_id "
    "choose_offer.kind choose_offer.offered_id "
    # which are among its teachers and activities, and when it starts
    "schedule_coaching_session.teacher_ids attended_ids held_at "
    "record_contact.teacher_id record_contact.activity schedule_coaching_session.coach_id "
    "schedule_coaching_session.circle_id "  # of a coach there is none
    # which its members say
    "propose_circle.member_ids propose_circle.shows invite_circle.member_ids join_circle.shows "
    "plan_community_meeting.member_ids invite_community_meeting.member_ids "
    # which the version says that is offered, or was
    "works_on how_often shared_with propose_agreement.coach_sees propose_agreement.begin_date "
    "propose_agreement.end_date accept_agreement.number "
    # which the request says, a moment later
    "grant_coaching_request.coaching_request_id grant_coaching_request.coach_id "
    # which its handover says, or the relationship that begins by it
    "hand_over_relationship.coach_id hand_over_relationship.from_date "
    "hand_over_relationship.coach_kind "
    "accept_handover.coach_id accept_handover.coach_sees accept_handover.from_date "
    # of one that is proposed already, which stays as it is
    "propose_relationship.coach_kind propose_relationship.participation "
    # which each of its sessions says
    "schedule_session_series.coach_id schedule_session_series.teacher_ids "
    "schedule_session_series.kind schedule_session_series.modality "
    "judge_instrument.reason "  # which its judgement says
    "schedule_session_series.circle_id schedule_session_series.starts_at every_weeks occurrences "
    "signature state_experience.rows add_provisional_person.org_id".split()  # which is in her roles
)


def maps_of_codecs() -> Iterator[tuple[str, type[enum.Enum], set[Any]]]:
    """The tables of a codec by what an enum of the domain says."""
    for path in sorted(Path("services").rglob("*codec.py")):
        module = import_module(".".join(path.with_suffix("").parts))
        for name, value in vars(module).items():
            if isinstance(value, dict) and value:
                (kind, *others) = {type(key) for key in value}
                if not others and issubclass(kind, enum.Enum):
                    yield f"{path}: {name}", kind, set(value)


def test_a_codec_has_a_message_for_each_event_and_a_value_for_each_state() -> None:
    found = list(maps_of_codecs())
    assert found
    for name, kind, keys in found:
        assert keys == set(kind), name


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_view_knows_the_states_that_are_published(example: EncodedEvent) -> None:
    event = PendingEvent(1, "e", example.type, example.keys, example.data, START)
    event = replace(event, year=example.year)
    for fact in facts_of(event, example.keys[0].partition(":")[0], "aggregate-1"):
        unknown = [name for name, value in fact.value.items() if str(value).startswith("#")]
        assert not unknown, f"{fact.collection}: {unknown}"


async def test_what_is_sent_is_answered() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    wrong = {}
    for route in routes(platform):
        if route.body is not None:
            body, answer = await _good(platform, route)
            of_the_act = {name.removeprefix(f"{route.operation}.") for name in OF_THE_ACT}
            said = answer.json() if answer.body else {}
            lost = {
                name: value
                for name, value in body.items()
                if name not in of_the_act and not _said({name: value}, said)
            }
            if lost:
                wrong[route.operation] = lost
    assert not wrong, "sent and not answered: the use case or the resource leaves it out"


async def _good(platform: Filled, route: Route) -> tuple[dict[str, Any], RawAnswer]:
    ids = platform.ids[NORTH]
    body: dict[str, Any] = example_body(platform, route, ids)
    token = caller_of(route.operation, NORTH)
    headers = [JSON, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
    if route.operation in SEEN:
        headers.append((b"if-match", SEEN[route.operation].encode()))
    app, raw = platform.services[route.service].app, json.dumps(body).encode()
    answer = await send(app, route.method, route.path(ids), headers=headers, body=raw)
    assert answer.status < 300, (route.operation, answer.body)
    return body, answer


def _said(sent: Any, said: Any) -> bool:
    """Whether all that was sent is there, with whatever else."""
    if isinstance(sent, dict):
        return all(name in said and _said(value, said[name]) for name, value in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(said) and all(map(_said, sent, said))
    return bool(sent == said)
