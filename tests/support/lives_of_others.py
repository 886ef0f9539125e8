"""What becomes of what is neither of programs nor of goals, as tables (tests/support/lives.py): by
the words of docs/architecture.md, not by the code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from tests.support.coaching import MEASURE, TOOL
from tests.support.lives import Life, moves
from tests.support.policies import signed
from tests.support.staff import Staffed


def _begins(by: str, path: str, body: Any, noun: str) -> Callable[[Staffed], Awaitable[str]]:
    async def begin(platform: Staffed) -> str:
        made = await platform.ask(f"north/{by}", "POST", path, body)
        return f"{path}/{made.json()[f'{noun}_id']}"

    return begin


_DRAFT = """
    publish_{0} | POST publish
        {1}: draft>published
    withdraw_{0} | POST withdraw
        {1}: draft>withdrawn
    """
OF_TOOL = Life(
    "tool",
    _begins("other", "/observations/v1/tools", TOOL, "tool"),
    "other",
    moves(_DRAFT.format("tool", "other")),  # its author's alone
)
INSTRUMENT = Life(
    "instrument",
    _begins("other", "/surveys/v1/instruments", MEASURE, "instrument"),
    "other",
    moves(_DRAFT.format("instrument", "other")),
)
_SAYS = {"title": "How coaching data is used", "text": "Only she and her coach see her goals."}
STATEMENT = Life(
    "statement",
    _begins("admin", "/privacy/v1/statements", _SAYS, "statement"),
    "admin",
    moves(_DRAFT.format("statement", "admin")),
)

_TERMS = {"title": "The warehouse", "scopes": ["goals.read"], "contact": "Data office"}
PARTNER = Life(
    "partner",
    _begins("admin", "/privacy/v1/partners", {**_TERMS, "partner_id": "warehouse"}, "partner"),
    "admin",
    moves(
        """
        change_partner | POST* change
            admin: active>active suspended>suspended
        suspend_partner | POST suspend
            admin: active>suspended
        resume_partner | POST resume
            admin: suspended>active
        revoke_partner | POST revoke
            admin: active>revoked suspended>revoked
        """,
        change_partner=_TERMS,
        **{f"{each}_partner": {"reason": "As agreed"} for each in ("suspend", "resume", "revoke")},
    ),
)


async def _proposed(platform: Staffed) -> str:
    statement = await STATEMENT.begin(platform)
    await platform.ask("north/admin", "POST", f"{statement}/publish")
    terms = {
        "number": 1,
        "statement_id": statement.rpartition("/")[2],
        "purposes": ["coaching"],
        "audiences": ["coach"],
        "acknowledge_before_sharing": False,
        "leaders_see": "nothing",
        "retention": [{"record": "goals", "days": 365}],
        "teacher_first_hours": 0,
        "recording": "none",
        "representatives_sign": 1,
    }
    return await _begins("admin", "/privacy/v1/policies", terms, "policy")(platform)


def _policy_word(said: Any, at: datetime) -> str:
    """Whose signatures it has, until it has all."""
    signers = sorted(each["signer"] for each in said["signatures"])
    return "enacted" if said["state"] == "enacted" else "+".join(signers) or "unsigned"


_STAFF = "coach teacher other peer admin"  # bring a signature, whosever key it is
POLICY = Life(
    "policy",
    _proposed,
    "admin",
    moves(
        f"""
        district_signs | POST /privacy/v1/policies/{{policy_id}}/sign
            {_STAFF}: unsigned>district representative>enacted district= enacted=
        teachers_sign | POST /privacy/v1/policies/{{policy_id}}/sign
            {_STAFF}: unsigned>representative district>enacted representative= enacted=
        forged | POST /privacy/v1/policies/{{policy_id}}/sign
        """,
        district_signs=lambda said: signed(said, "district"),
        teachers_sign=lambda said: signed(said, "union"),
        forged=lambda said: signed(said, "stranger"),
    ),
    _policy_word,
)


def _day(at: datetime, days: int) -> str:
    return (at + timedelta(days=days)).date().isoformat()


def _last(said: Any, days: int) -> str:
    """Another day each time, some of them soon."""
    return _day(datetime.fromisoformat(said["now"]), (days, days + 1)[said["version"] % 2])


async def _now(platform: Staffed, said: Any) -> Any:
    return {"now": platform.clock.now().isoformat()}


def _over(said: Any, at: datetime) -> str:
    """`over`: its last day has passed, and nobody has ended it."""
    return "over" if said["state"] == "open" and said["end_date"] < _day(at, 0) else said["state"]


_HELPS = {"org_ids": ["school-1"], "reason": "She helps out"}


async def _granted(platform: Staffed) -> str:
    until = {"end_date": _day(platform.clock.now(), 0)}
    body = {"person_id": "aide", "role": "facilitator", **_HELPS, **until}
    return await _begins("admin", "/roster/v1/grants", body, "grant")(platform)


GRANT = Life(
    "grant",
    _granted,
    "admin",
    moves(
        """
        read | GET /roster/v1/grants/{grant_id}
            admin aide: open= over= ended=
        change_grant | POST* change
            admin: open>open
        end_grant | POST end
            admin: open>ended over>ended
        """,
        change_grant=lambda said: {
            **_HELPS,
            "begin_date": said["begin_date"],
            "end_date": _last(said, 0),
        },
        end_grant={"reason": "The post is filled"},
    ),
    _over,
    people=("coach", "teacher", "aide", "leader", "admin"),
    beside=_now,
)


async def _covered(platform: Staffed) -> str:
    until = {"end_date": _day(platform.clock.now(), 0)}
    two = {"teacher_id": "teacher", "substitute_id": "peer", "reason_kind": "leave"}
    return await _begins("admin", "/roster/v1/covers", {**two, **until}, "cover")(platform)


COVER = Life(
    "cover",
    _covered,
    "admin",
    moves(
        """
        read | GET /roster/v1/covers/{cover_id}
            admin teacher peer: open= over= ended=
        change_cover | POST* change
            admin: open>open
        end_cover | POST end
            admin: open>ended over>ended
        """,
        change_cover=lambda said: {
            "reason_kind": "leave",
            "begin_date": said["begin_date"],
            "end_date": _last(said, 0),
        },
    ),
    _over,
    beside=_now,
)


async def _planned(platform: Staffed) -> str:
    tool = await OF_TOOL.begin(platform)
    await platform.ask("north/other", "POST", f"{tool}/publish")
    at = platform.clock.now().isoformat().replace("+00:00", "Z")
    body = {"teacher_id": "teacher", "tool_id": tool.rpartition("/")[2], "scheduled_for": at}
    return await _begins("coach", "/observations/v1/observations", body, "observation")(platform)


def _score(said: Any) -> int:
    """Another one each time, of the tool's three."""
    return 1 + int(said["scores"][0]["score"]) % 3 if said["scores"] else 1


def _moved(said: Any) -> Any:
    at = datetime.fromisoformat(said["now"]) + timedelta(seconds=said["version"])
    return {"scheduled_for": at.isoformat().replace("+00:00", "Z")}


OBSERVATION = Life(
    "observation",
    _planned,
    "teacher",
    moves(
        """
        record_scores | POST scores
            coach: scheduled>in_progress in_progress>in_progress completed>completed
        reschedule_observation | PATCH
            coach: scheduled>scheduled in_progress>in_progress
        complete_observation | POST complete
            coach: in_progress>completed
        reopen_observation | POST reopen
            coach: completed>in_progress
        cancel_observation | POST cancel
            coach: scheduled>cancelled in_progress>cancelled completed>cancelled
        share_observation | POST share
            coach: completed>shared
        acknowledge_observation | POST* acknowledge
            teacher: shared>acknowledged
        correct_score | PUT /observations/v1/observations/{observation_id}/scores/talk
            coach: shared>shared acknowledged>acknowledged
        """,
        record_scores=lambda said: {"scores": [{"criterion_id": "talk", "score": _score(said)}]},
        reschedule_observation=_moved,
        correct_score=lambda said: {"score": _score(said), "reason": "Mistyped"},
    ),
    bounds={"correct_score": "too_many_corrections"},
    beside=_now,
)

OF_OTHERS = (OBSERVATION, OF_TOOL, INSTRUMENT, STATEMENT, PARTNER, POLICY, GRANT, COVER)
