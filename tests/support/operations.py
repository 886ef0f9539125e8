"""Every operation of every service as a valid request: who asks, for what, with which body.

The body comes from the examples of the OpenAPI documents; what they cannot know (ids, and
where the domain wants more than one of a thing) stands here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.goals_callers import GOALS_CALLERS, TREE_STEPS
from tests.support.instrument_callers import INSTRUMENT_CALLERS
from tests.support.program_operations import MORE_OF_PROGRAMS, OF_PROGRAMS

Ids = dict[str, str]
Schema = dict[str, Any]


class HasServices(Protocol):
    services: dict[str, Any]


@dataclass(frozen=True)
class Route:
    """One operation of an OpenAPI document."""

    service: str
    operation: str
    method: str
    template: str
    parameters: tuple[Schema, ...]
    body: Schema | None  # the JSON body's schema
    components: Schema

    @property
    def asks(self) -> list[str]:
        """The query parameters of a usual request: those that it needs, and whose list it is."""
        return [
            each["name"]
            for each in self.parameters
            if each["in"] == "query"
            and (each.get("required") or (self.operation, each["name"]) in _WHOSE)
        ]

    def path(self, ids: Mapping[str, str]) -> str:
        """The path with the ids that this operation can work on."""
        return self.template.format(**ids_for(self.operation, ids))

    def resolved(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            found: Schema = self.components[schema["$ref"].rpartition("/")[2]]
            return found
        return schema


_WHOSE = {
    (f"list_{each}", "teacher_id")
    for each in (
        "celebrations goals trials walks observations administrations timeline coaching_sessions"
    ).split()
}
# operation -> who may, and which of the ids it works on where that is not the usual one
_TEACHER, _COACH, _ADMIN, _PARTNER = "teacher-0001", "coach-01", "admin-01", "partner"
_LEAD = "teacher-0003"  # holds a grant to lead programs, which reaches the teacher
_READER = "archive?goals.read+receipts.read+receipts.write"  # whose receipt it is
CALLERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "import_roster": (_PARTNER, {}),
    "get_import": (_PARTNER, {}),
    "get_import_report": (_PARTNER, {}),
    "list_imports": (_ADMIN, {}),
    "get_me": (_TEACHER, {}),
    "get_person": (_ADMIN, {}),
    "list_people": (_ADMIN, {}),
    "add_provisional_person": (_ADMIN, {"person_id": "new_person"}),
    "withdraw_provisional_person": (_ADMIN, {"person_id": "unwanted_person"}),
    "list_staff": (_COACH, {}),
    "list_classes": (_ADMIN, {}),
    "list_orgs": (_ADMIN, {}),
    "list_academic_sessions": (_ADMIN, {}),
    "state_calendar": (_ADMIN, {"school_year": "calendar"}),
    "get_calendar": (_ADMIN, {"school_year": "calendar"}),
    "state_school_calendar": (_ADMIN, {"school_year": "calendar"}),
    "get_school_calendar": (_ADMIN, {"school_year": "calendar"}),
    "propose_match": (_ADMIN, {}),
    "confirm_match": (_ADMIN, {"match_id": "match_to_confirm"}),
    "dismiss_match": (_ADMIN, {"match_id": "match_to_dismiss"}),
    "separate_match": (_ADMIN, {"match_id": "merged_match"}),
    "get_match": (_ADMIN, {}),
    "list_matches": (_ADMIN, {}),
    "give_grant": (_ADMIN, {}),
    "change_grant": (_ADMIN, {}),
    "end_grant": (_ADMIN, {"grant_id": "unwanted_grant"}),
    "get_grant": (_ADMIN, {}),
    "list_grants": (_ADMIN, {}),
    "enter_cover": (_ADMIN, {}),
    "change_cover": (_ADMIN, {}),
    "end_cover": (_ADMIN, {"cover_id": "unwanted_cover"}),
    "get_cover": (_ADMIN, {}),
    "list_covers": (_ADMIN, {}),
    "state_experience": (_ADMIN, {}),
    "summarize_experience": (_ADMIN, {}),
    "get_experience": (_ADMIN, {}),
    **OF_PROGRAMS,
    **GOALS_CALLERS,
    "state_measure": (_ADMIN, {}),
    "get_measure": (_TEACHER, {}),
    "list_measures": (_COACH, {}),
    **INSTRUMENT_CALLERS,
    "schedule_administration": (_TEACHER, {}),
    "list_administrations": (_TEACHER, {}),
    "open_administration": (_TEACHER, {"administration_id": "planned_administration"}),
    "close_administration": (_TEACHER, {}),
    "reopen_administration": (_TEACHER, {"administration_id": "unshown_administration"}),
    "cancel_administration": (_TEACHER, {"administration_id": "unwanted_administration"}),
    "list_open_administrations": (_ADMIN, {}),
    "get_administration": (_COACH, {"administration_id": "closed_administration"}),
    "create_administration_share": (_TEACHER, {"administration_id": "closed_administration"}),
    "get_administration_share": (_TEACHER, {}),
    "revoke_administration_share": (
        _TEACHER,
        {"administration_share_id": "unwanted_administration_share"},
    ),
    "list_administration_shares": (_TEACHER, {"administration_id": "closed_administration"}),
    "list_received_administration_shares": ("teacher-0002", {}),
    "get_form": ("", {}),
    "submit_response": ("", {}),
    "draft_tool": (_COACH, {}),
    "list_tools": (_COACH, {}),
    "publish_tool": (_COACH, {"tool_id": "draft_tool"}),
    "withdraw_tool": (_COACH, {"tool_id": "unwanted_tool"}),
    "get_tool": (_COACH, {}),
    "schedule_observation": (_COACH, {}),
    "list_observations": (_COACH, {}),
    "record_scores": (_COACH, {}),
    "reschedule_observation": (_COACH, {}),
    "complete_observation": (_COACH, {}),
    "reopen_observation": (_COACH, {"observation_id": "complete_observation"}),
    "cancel_observation": (_COACH, {"observation_id": "unwanted_observation"}),
    "hand_over_observation": (_COACH, {"observation_id": "moving_observation"}),
    "share_observation": (_COACH, {"observation_id": "done_observation"}),
    "correct_score": (_COACH, {"observation_id": "shared_observation"}),
    "void_score": (_COACH, {"observation_id": "shared_observation"}),
    "correct_lesson_note": (_COACH, {"observation_id": "shared_observation"}),
    "acknowledge_observation": (_TEACHER, {"observation_id": "shared_observation"}),
    "get_observation": (_COACH, {}),
    "create_observation_share": (_TEACHER, {"observation_id": "shared_observation"}),
    "get_observation_share": (_TEACHER, {}),
    "revoke_observation_share": (
        _TEACHER,
        {"observation_share_id": "unwanted_observation_share"},
    ),
    "list_observation_shares": (_TEACHER, {"observation_id": "shared_observation"}),
    "list_received_observation_shares": ("teacher-0002", {}),
    "draft_statement": (_ADMIN, {}),
    "publish_statement": (_ADMIN, {"statement_id": "draft_statement"}),
    "withdraw_statement": (_ADMIN, {"statement_id": "unwanted_statement"}),
    "get_statement": (_COACH, {}),
    "list_statements": (_COACH, {}),
    "acknowledge_statement": ("teacher-0002", {}),
    "get_acknowledgment": (_TEACHER, {}),
    "list_acknowledgments": (_TEACHER, {}),
    "propose_policy": (_ADMIN, {}),
    "sign_policy": (_COACH, {}),
    "get_policy": (_TEACHER, {}),
    "list_policies": (_COACH, {}),
    "get_look": (_TEACHER, {}),
    "list_looks": (_TEACHER, {}),
    "summarize_refused_purposes": (_COACH, {}),
    "order_erasure": (_ADMIN, {"person_id": "person_to_erase"}),
    "hold_erasure": (_ADMIN, {"person_id": "person_to_hold"}),
    "release_erasure": (_ADMIN, {"person_id": "held_person"}),
    "withdraw_erasure": (_ADMIN, {"person_id": "waiting_person"}),
    "get_erasure": (_ADMIN, {"person_id": "waiting_person"}),
    "list_erasures": (_ADMIN, {}),
    "order_artifact_erasure": (_ADMIN, {}),
    "withdraw_artifact_erasure": (_ADMIN, {"artifact_erasure_id": "unwanted_order"}),
    "get_artifact_erasure": (_ADMIN, {}),
    "list_artifact_erasures": (_ADMIN, {}),
    "get_retention": (_ADMIN, {}),
    "register_partner": (_ADMIN, {"partner_id": "new_partner"}),
    "change_partner": (_ADMIN, {}),
    "suspend_partner": (_ADMIN, {"partner_id": "partner_to_suspend"}),
    "resume_partner": (_ADMIN, {"partner_id": "suspended_partner"}),
    "revoke_partner": (_ADMIN, {"partner_id": "unwanted_partner"}),
    "get_partner": (_ADMIN, {}),
    "list_partners": (_ADMIN, {}),
    "confirm_deletion": (_READER, {"receipt_id": "open_receipt"}),
    "get_receipt": (_TEACHER, {}),
    "list_receipts": (_TEACHER, {}),
    "save_draft": (_COACH, {}),
    "get_draft": (_COACH, {}),
    "delete_draft": (_COACH, {"draft_id": "unwanted_draft"}),
    "list_drafts": (_COACH, {}),
    "list_personal_records": (_TEACHER, {}),
    "get_access_explanation": (_ADMIN, {}),
    "sync": (_TEACHER, {}),
    "list_disclosures": (_ADMIN, {}),
    "get_check_ins": (_TEACHER, {}),
    "get_take_out": (_TEACHER, {}),
    "list_take_out_parts": (_TEACHER, {}),
    "get_own_caseload": (_COACH, {}),
    "get_attention": (_COACH, {}),
    "get_own_pairs": (_TEACHER, {}),
    "get_caseload": (_COACH, {}),
    "watch_caseload": (_COACH, {}),
    "issue_ticket": (_COACH, {}),
    "get_card": (_COACH, {}),
    "list_timeline": (_COACH, {}),
    "read_journal": (_PARTNER, {}),
    "follow_events": (_PARTNER, {}),
}

ANONYMOUS = frozenset(each for each, (who, _) in CALLERS.items() if not who)  # of an open survey

# of what is only changed by whoever says what she saw: the version of a usual one
SEEN: Mapping[str, str] = {
    "revise_goal": '"4"',
    "change_grant": '"1"',
    "edit_program": '"1"',
    "edit_coaching_round": '"1"',
    "revise_strategy": '"2"',
    "edit_tree": '"1"',
    "edit_instrument": '"1"',
    "change_cover": '"1"',
    "change_partner": '"1"',
}
_LEVELS = [{"score": 1, "quality": "Few students"}, {"score": 3, "quality": "Most students"}]
_LEADS = ["teacher-0001", "teacher-0003"]  # the first without a grant: she leads nothing by that
_STAGE = {
    "stage_id": "only",
    "title": "All of it",
    "lasts": 30,
    "steps": [
        {
            "step_id": "look",
            "title": "Look",
            "actor": "coach",
            "need": "required",
            "evidence": "observation",
            "due_within": 5,
            "repeats_after": 5,
            "ends_when": "It was seen",
            "prompts": ["What was seen?"],
            "cards": [{"title": "Little", "text": "A few minutes will do"}],
        }
    ],
}
_READERS = {"audience": [{"person_id": "teacher-0002"}], "community_meeting_id": None}
_COACHED = {"teacher_ids": ["teacher-0001"], "coach_id": None, "circle_id": None}
_MORE: Mapping[str, Mapping[str, Any]] = {
    **{f"create_{of}_share": _READERS for of in ("goal", "observation", "administration")},
    "send_celebration": {"trial_id": None, "progress_number": None},  # of a goal
    "propose_relationship": {"teacher_id": "teacher-0001", "school_year": 2028},
    "carry_over_relationships": {"page_token": ""},
    "hand_over_relationship": {"coach_id": "coach-02"},
    "accept_handover": {"coach_id": "teacher-0001", "from_date": None},
    "schedule_coaching_session": _COACHED,
    "record_contact": {"held_at": None},
    "schedule_session_series": _COACHED,
    "hold_coaching_session": {"held_at": None, "attended_ids": ["teacher-0001"]},
    "correct_coaching_session": {"held_at": None, "attended_ids": ["teacher-0001"]},
    "propose_agreement": {"coach_sees": ["goals", "observations", "surveys"]},
    **MORE_OF_PROGRAMS,
    "propose_circle": {"member_ids": ["teacher-0001", "teacher-0002"], "facilitator_id": None},
    "write_planning_entry": {"circle_id": None, "device_at": None, "corrects_id": None},
    "invite_circle": {"member_ids": ["teacher-0002"]},
    "give_grant": {"role": "facilitator"},
    "draft_tool": {"levels": _LEVELS},
    "draft_program": {"lead_ids": _LEADS},
    "edit_program": {"lead_ids": _LEADS, "name": "Another"},
    "plan_program": {"template": None, "stages": [_STAGE]},
    "revise_goal": {"target": 70, "statement": "Another", "due_date": "2027-04-30"},
    "hand_over_observation": {"observer_id": "teacher-0001"},
    "open_administration": {"seats": 12},
    "extend_framework": {"parent_id": None},
    "draft_tree": {"follows": None, "steps": TREE_STEPS},
    "edit_tree": {"title": "Another", "steps": TREE_STEPS},
    "schedule_administration": {"school_year": 2027},
}
_TEXTS = frozenset(
    "statement note reason summary title text labels description category".split()
) | {
    "contact",
    "quality",
    "attribution",
    "source",
    "name",
    "ends_when",
    "prompts",
    *("works_on", "how_often", "shared_with"),
    *("words", "about", "moves", "question"),
}
_CODES = frozenset("focus_skill materials_unit measure_id unit license construct_id".split())


def routes(platform: HasServices) -> Iterator[Route]:
    """Every operation of every REST API."""
    for service, each in platform.services.items():
        document = each.app.openapi_schema
        for template, methods in document["paths"].items():
            for method, operation in methods.items():
                json = operation.get("requestBody", {}).get("content", {}).get("application/json")
                yield Route(
                    service,
                    operation["operationId"],
                    method.upper(),
                    template,
                    tuple(operation.get("parameters", ())),
                    json["schema"] if json else None,
                    document["components"]["schemas"],
                )


def caller_of(operation: str, district: str) -> str:
    """The bearer token of somebody who may, "" where none is needed."""
    who = _asked_by(operation)[0]
    if who == _PARTNER:
        who = "sis?roster.read+roster.write+journal.read"
    return f"{district}/{who}" if who else ""


def _asked_by(operation: str) -> tuple[str, Mapping[str, str]]:
    assert operation in CALLERS, f"who asks {operation}? say it in tests/support/operations.py"
    return CALLERS[operation]


def named(id: str) -> list[str]:
    """The names of those that some operation works on instead of the usual one. Of goals each is
    a draft, but `active_...`, which is active."""
    return list(dict.fromkeys(other[id] for _, other in CALLERS.values() if id in other))


def ids_for(operation: str, ids: Mapping[str, str]) -> Ids:
    chosen = _asked_by(operation)[1]
    return {**ids, **{name: ids[other] for name, other in chosen.items()}}


def without_ids(each: Route, ids: Mapping[str, str]) -> list[str]:
    """What the path of an operation asks for and `ids` has not."""
    chosen = _asked_by(each.operation)[1]
    named = re.findall(r"{(\w+)}", each.template)
    return [name for name in (chosen.get(name, name) for name in named) if not ids.get(name)]


def example_body(
    platform: HasServices, asked: str | Route, ids: Mapping[str, str], canary: str = ""
) -> Any:
    """A valid body; every text in it holds the canary, if there is one. By its name an operation
    that no other service has."""
    if isinstance(asked, str):
        (route,) = [each for each in routes(platform) if each.operation == asked]
    else:
        route = asked
    assert route.body is not None
    more = {**ids_for(route.operation, ids), **_MORE.get(route.operation, {})}
    made = _example(route, route.body, more, "")
    body = {name: each for name, each in made.items() if each is not None}  # left out
    _tell(body, canary)
    return body


def _example(route: Route, schema: Schema, known: Mapping[str, Any], name: str) -> Any:
    if name in known:
        return copy.deepcopy(known[name])
    if "examples" in schema:
        return copy.deepcopy(schema["examples"][0])
    schema = route.resolved(schema)
    if "anyOf" in schema:
        return _example(route, schema["anyOf"][0], known, name)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {
            each: _example(route, inner, known, each)
            for each, inner in schema.get("properties", {}).items()
        }
    if schema.get("type") == "array":
        return [_example(route, schema["items"], known, "")]
    return {"string": "text", "integer": 2027, "number": 3, "boolean": False}[schema["type"]]


def _tell(node: Any, canary: str, name: str = "") -> Any:
    if isinstance(node, dict):
        for key, value in node.items():
            node[key] = _tell(value, canary, key)
    elif isinstance(node, list):
        node[:] = [_tell(each, canary, name) for each in node]
    elif canary and isinstance(node, str) and name in _TEXTS:
        return f"{canary} {node}"
    elif canary and isinstance(node, str) and name in _CODES:
        return f"{canary}-code {node}"
    return node
