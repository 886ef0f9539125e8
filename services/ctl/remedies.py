"""What to do about a code of a problem, where its kind does not say enough: for docs/errors.md. Of
the codes that who builds a frontend or a partner's program meets first; `code status` where
it is of one kind alone."""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    # what was sent
    "body_not_taken": "Send neither a body nor a `Content-Type`, or `{}`.",
    "idempotency_key_reused": (
        "A key is of one change with one content. For another change take another; to repeat this "
        "one send exactly what was sent."
    ),
    "malformed_json": "Send one JSON text, in UTF-8, without `NaN` and comments.",
    "not_a_person": "A program writes an id in place of `me`.",
    "page_token": "Begin without it; filters stay as they are from page to page.",
    "precondition_required": "Read the resource, and send its `ETag` as `If-Match`.",
    "stale_version": (
        "Read again, look at what has changed, and send the new `ETag`. Over gRPC: `etag`."
    ),
    "unknown_parameter": "Write it as one of those that are named, or leave it away.",
    "unsupported_media_type": (
        "Send `Content-Type: application/json`; a roster as `application/zip`."
    ),
    # what it names
    "due_date_passed": (
        "`today` of `GET /roster/v1/me` is the district's day: take it or a later one."
    ),
    "instrument_not_published": (
        "Publish it first: `POST /surveys/v1/instruments/{instrument_id}/publish`."
    ),
    "no_such_tool": "`GET /observations/v1/tools` shows those that are published.",
    "unknown_class": "`GET /roster/v1/classes?teacher_id=` shows the teacher's classes.",
    "unknown_coach": "`GET /roster/v1/orgs/{org_id}/staff` shows who there is.",
    "unknown_goal": (
        "`GET /goals/v1/goals?teacher_id=` shows the goals that you may name; or name none."
    ),
    "unknown_instrument": "`GET /surveys/v1/instruments` shows those that there are.",
    "unknown_org": "`GET /roster/v1/orgs` shows those that there are.",
    "unknown_teacher": (
        "`GET /roster/v1/orgs/{org_id}/staff?role=teacher` shows who there is. Whom no roster "
        "file has yet is added by `PUT /roster/v1/people/{person_id}/provisional`."
    ),
    # who asks
    "invalid_token": "The text says what is wrong with it: get another from the identity provider.",
    "no_token": (
        "Send `Authorization: Bearer` and the token; over gRPC the metadata `authorization`."
    ),
    "other_district": "A token is of one district: name that one, or take another token.",
    "not_registered": "Register it first: `POST /privacy/v1/partners`.",
    "partner_not_registered": "The district registers it: `POST /privacy/v1/partners`.",
    "purpose_refused": "The token says what for: get one for the purpose that is named.",
    "receipts_overdue": (
        "Delete what they name, and confirm each: `GET /privacy/v1/receipts?state=open`, `POST "
        "/privacy/v1/receipts/{receipt_id}/confirm`."
    ),
    "scope_missing": (
        "Ask the district for the scope that is named ([what each opens](partners.md))."
    ),
    "unknown_person 403": (
        "She is to be in the roster, and active there: by the next file, or by `PUT "
        "/roster/v1/people/{person_id}/provisional`."
    ),
    # what it is about
    "already_exists": "Read the one that is there, or take another id.",
    "goal_closed": "Draft another goal: a closed one stays as it is.",
    "no_baseline": "`PUT /goals/v1/goals/{goal_id}/baseline` sets it.",
    "no_scores": "`POST /observations/v1/observations/{observation_id}/scores` records one.",
    "not_open": (
        "Open it first, while it is scheduled: `POST "
        "/surveys/v1/administrations/{administration_id}/open`."
    ),
    "not_shared": (
        "The observer shares it first: `POST /observations/v1/observations/{observation_id}/share`."
    ),
    "policy_not_acknowledged": (
        "The teacher reads the statement in force, and acknowledges it: `POST "
        "/privacy/v1/acknowledgments`. Another tries again a moment later."
    ),
    "position_lost": "Start over without a position: what comes twice is told by its version.",
    # how much, and when
    "overloaded": "Wait as long as `Retry-After` says, and longer each time.",
    "outcome_unknown": "Send the same again with the same key: it is done once.",
    "too_many_at_once": "Have fewer requests under way, and send the next when one is answered.",
    "too_many_requests": (
        "Wait as long as `Retry-After` says. Many things go by the operations that take many "
        "([limits](calling.md#limits))."
    ),
    "too_many_streams": "Close a stream that is not looked at; let tabs share one.",
}
