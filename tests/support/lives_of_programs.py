"""What becomes of the things of programs, as tables (tests/support/lives.py): by the words of
docs/architecture.md, not by the code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.lives import Life, moves
from tests.support.staff import Staffed

V1 = "/programs/v1"
PAIR = {"coach_id": "coach", "teacher_id": "teacher"}
AGREED = {"works_on": "Talk", "how_often": "Weekly", "coach_sees": ["goals"]}
PROGRAM = {
    "name": "Talk",
    "type": "one_to_one",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "success_criteria": [{"criterion_id": "talk", "statement": "Students talk"}],
    "template": "weekly-steps",
}
FLAG = "F3-5f0c9a4e12ab34cd-90ab12cd34ef56ab"
DISMISSED = {"teacher_id": "teacher", "flag_id": FLAG, "answer": "dismissed", "reason": "away"}


async def made(platform: Staffed, by: str, noun: str, path: str, body: Any) -> str:
    made = (await platform.ask(f"north/{by}", "POST", f"{V1}/{path}", body)).json()
    return f"{V1}/{path}/{made[f'{noun}_id']}"


async def _proposed(platform: Staffed) -> str:
    return await made(platform, "coach", "relationship", "relationships", PAIR)


def _relationship(said: Any, at: datetime) -> str:
    """`asked`: it is the coach who answers. Behind it who of the two has paused it."""
    state = "active" if said["state"] == "paused" else said["state"]
    offered = state == "active" and said["handover"] and not said["handover"]["accepted_at"]
    asked = state in ("proposed", "active") and said["proposed_by"] == "teacher"
    told = f"{state}{'-asked' * asked}{'-offered' * bool(offered)}"
    assert (said["state"] == "paused") == (said["paused_at"] is not None) == bool(said["paused_by"])
    return told + "".join(f"+{each}" for each in sorted(said["paused_by"]))


_BY = ("", "+coach", "+teacher", "+coach+teacher")  # who has paused it


def _running(line: str) -> str:
    """A line of what is so of an active relationship, whoever has paused it: `+` is for that."""
    who, _, ways = line.partition(": ")
    return f"{who}: " + " ".join(each.replace("+", by) for by in _BY for each in ways.split())


_RUNS = "active+ active-asked+ active-offered+ active-asked-offered+".split()
_STAYS = " ".join(f"{each}=" for each in _RUNS)


def _turned(who: str, on: bool) -> str:
    """A line of how one of the two pauses it, or takes that back."""
    ways, mine = [], f"+{who}"
    for by in _BY:
        if on and mine in by:
            ways += [each.replace("+", by) + "=" for each in _RUNS]
        elif on or mine in by:
            both = sorted({*by.split("+")[1:]} ^ {who})
            new = "".join(f"+{each}" for each in both)
            ways += [f"{each.replace('+', by)}>{each.replace('+', new)}" for each in _RUNS]
    return f"{who}: {' '.join(ways)}"


RELATIONSHIP = Life(
    "relationship",
    _proposed,
    "teacher",
    moves(
        f"""
        propose_by_coach | POST /programs/v1/relationships
            coach admin: declined>proposed ended>proposed proposed= proposed-asked=
            teacher: declined>proposed-asked ended>proposed-asked proposed= proposed-asked=
            {_running("coach admin teacher: " + _STAYS)}
        accept_relationship | POST accept
            teacher: proposed>active
            {_running("teacher: " + _STAYS)}
            coach: proposed-asked>active-asked
            {_running("coach: active-asked+= active-asked-offered+=")}
        decline_relationship | POST decline
            teacher: proposed>declined
            coach: proposed-asked>declined
        pause_relationship | POST pause
            {_turned("coach", True)}
            {_turned("teacher", True)}
        resume_relationship | POST resume
            {_turned("coach", False)}
            {_turned("teacher", False)}
        end_relationship | POST end
            coach teacher admin: proposed>ended proposed-asked>ended
            {_running("coach teacher admin: " + " ".join(f"{each}>ended" for each in _RUNS))}
        hand_over_relationship | POST hand-over
            {_running("coach admin: active+>active-offered+ active-offered+=")}
            {_running("coach admin: active-asked+>active-asked-offered+ active-asked-offered+=")}
        accept_handover | POST hand-over/accept
            {_running("teacher: active-offered+>ended active-asked-offered+>ended")}
        decline_handover | POST hand-over/decline
            {_running("teacher: active-offered+>active+ active-asked-offered+>active-asked+")}
        withdraw_handover | POST hand-over/withdraw
            {_running("coach admin: active-offered+>active+ active-asked-offered+>active-asked+")}
        """,
        propose_by_coach=PAIR,
        hand_over_relationship={"coach_id": "other"},
        accept_handover={"coach_id": "other", "coach_sees": ["goals"]},
    ),
    _relationship,
    alone=True,
    bounds={
        "hand_over_relationship": "proposed_lately district_proposed",
        "withdraw_handover": "district_proposed",
    },
)


async def _agreement(platform: Staffed) -> str:
    path = f"{V1}/relationships?coach_id=coach&teacher_id=teacher"
    (two,) = (await platform.ask("north/coach", "GET", path)).json()["relationships"]
    body = {"relationship_id": two["relationship_id"], **AGREED}
    return await made(platform, "coach", "agreement", "agreements", body)


def _agreement_word(said: Any, at: datetime) -> str:
    """Who has offered what waits, and whether something is in force."""
    waits = said["offered"]["offered_by"] if said["offered"] else "none"
    return f"{waits}+" if said["in_force"] else str(waits)


AGREEMENT = Life(
    "agreement",
    _agreement,
    "teacher",
    moves(
        """
        offer | POST /programs/v1/agreements
            coach: none>coach none+>coach+ coach>coach coach+>coach+ teacher>coach
            coach: teacher+>coach+
            teacher: none>teacher none+>teacher+ coach>teacher coach+>teacher+ teacher>teacher
            teacher: teacher+>teacher+
        accept_agreement | POST accept
            coach: teacher>none+ teacher+>none+
            teacher: coach>none+ coach+>none+
        decline_agreement | POST decline
            coach: teacher>none teacher+>none+
            teacher: coach>none coach+>none+
        withdraw_agreement | POST withdraw
            coach: coach>none coach+>none+
            teacher: teacher>none teacher+>none+
        end_agreement | POST end
            coach teacher: none+>none coach+>coach teacher+>teacher
        """,
        offer=lambda said: {"relationship_id": said["relationship_id"], **AGREED},
        accept_agreement=lambda said: {"number": (said["offered"] or {"number": 1})["number"]},
    ),
    _agreement_word,
    bounds={"offer": "too_many_offers"},
)


async def _program(platform: Staffed) -> str:
    return await made(platform, "admin", "program", "programs", PROGRAM)


def _program_word(said: Any, at: datetime) -> str:
    """Whether a draft's process has been replaced."""
    planned = said["state"] == "draft" and said["template"] == "partnership"
    return "draft-planned" if planned else str(said["state"])


_SAYS = {name: each for name, each in PROGRAM.items() if name != "template"}
COACHING_PROGRAM = Life(
    "program",
    _program,
    "admin",
    moves(
        """
        open_program | POST open
            admin: draft>enrolling draft-planned>enrolling
        begin_program | POST begin
            admin: enrolling>active
        close_program | POST close
            admin: enrolling>closed active>closed
        withdraw_program | POST withdraw
            admin: draft>withdrawn draft-planned>withdrawn
        edit_program | POST* edit
            admin: draft= draft-planned= enrolling= active=
        plan_program | POST plan
            admin: draft>draft-planned draft-planned=
        deviate_program | POST deviate
            admin: enrolling>enrolling active>active
        """,
        edit_program=_SAYS,
        plan_program={"template": "partnership"},
        deviate_program=lambda said: {
            "step_id": said["stages"][0]["steps"][0]["step_id"],
            "deviation": ("skipped", "adapted")[said["revision"] % 2],
            "reason": "Testing week",
        },
    ),
    _program_word,
)


async def _enrolled(platform: Staffed) -> str:
    path = await _program(platform)
    await platform.ask("north/admin", "POST", f"{path}/open")
    body = {"program_id": path.rpartition("/")[2], "teacher_id": "teacher"}
    return await made(platform, "admin", "enrollment", "enrollments", body)


def _enrollment_word(said: Any, at: datetime) -> str:
    hers = said["state"] == "withdrawn" and said["withdrawn_by"] == "teacher"
    return "withdrew" if hers else str(said["state"])


ENROLLMENT = Life(
    "enrollment",
    _enrolled,
    "teacher",
    moves(
        """
        enroll | POST /programs/v1/enrollments
            admin: enrolled= withdrawn>enrolled
        withdraw_enrollment | POST withdraw
            teacher: enrolled>withdrew
            admin: enrolled>withdrawn
        rejoin_enrollment | POST rejoin
            teacher: withdrew>enrolled
        """,
        enroll=lambda said: {name: said[name] for name in ("program_id", "teacher_id")},
        withdraw_enrollment={"reason": "workload"},
    ),
    _enrollment_word,
)


async def _answered(platform: Staffed) -> str:
    body = {"teacher_id": "teacher", "flag_id": FLAG, "answer": "acknowledged"}
    return await made(platform, "coach", "flag_answer", "flag-answers", body)


def _answer_word(said: Any, at: datetime) -> str:
    return str(said["answer"] if said["state"] == "given" else said["state"])


FLAG_ANSWER = Life(
    "flag answer",
    _answered,
    "coach",
    moves(
        """
        acknowledge | POST /programs/v1/flag-answers
            coach: acknowledged= dismissed>acknowledged withdrawn>acknowledged
        dismiss | POST /programs/v1/flag-answers
            coach: dismissed= acknowledged>dismissed withdrawn>dismissed
        withdraw_flag_answer | POST withdraw
            coach: acknowledged>withdrawn dismissed>withdrawn
        """,
        acknowledge={"teacher_id": "teacher", "flag_id": FLAG, "answer": "acknowledged"},
        dismiss=DISMISSED,
    ),
    _answer_word,
)


SPENT = {"minutes": 30, "activities": [{"activity": "debrief", "minutes": 30}]}


async def _session(platform: Staffed) -> str:
    at = platform.clock.now().isoformat().replace("+00:00", "Z")
    body = {"teacher_ids": ["teacher"], "starts_at": at}
    return await made(platform, "coach", "coaching_session", "coaching-sessions", body)


SESSION = Life(
    "session",
    _session,
    "coach",
    moves(
        """
        hold_coaching_session | POST hold
            coach: scheduled>held
        miss_coaching_session | POST miss
            coach: scheduled>missed
        cancel_coaching_session | POST cancel
            coach teacher: scheduled>cancelled
        summarize_coaching_session | POST summarize
            coach: held>summarized
        void_coaching_session | POST void
            coach: held>voided summarized>voided missed>voided
        """,
        hold_coaching_session=SPENT,
        summarize_coaching_session={"summary": "Wait time"},
        void_coaching_session={"reason": "Recorded twice"},
    ),
)


async def _series(platform: Staffed) -> str:
    """The second of three sessions, a week from now."""
    at = (platform.clock.now()).isoformat().replace("+00:00", "Z")
    body = {"teacher_ids": ["teacher"], "starts_at": at, "every_weeks": 1, "occurrences": 3}
    planned = (await platform.ask("north/coach", "POST", f"{V1}/session-series", body)).json()
    return f"{V1}/coaching-sessions/{planned['coaching_sessions'][1]['coaching_session_id']}"


def _of_series_word(said: Any, at: datetime) -> str:
    to_come = said["state"] == "scheduled" and at < datetime.fromisoformat(said["starts_at"])
    return "to-come" if to_come else str(said["state"])


SERIES = Life(
    "session of a series",
    _series,
    "coach",
    moves(
        """
        end_series | POST /programs/v1/session-series/{series_id}/end
            coach: to-come>cancelled scheduled= held= missed= cancelled=
        hold_coaching_session | POST hold
            coach: to-come>held scheduled>held
        miss_coaching_session | POST miss
            coach: scheduled>missed
        cancel_coaching_session | POST cancel
            coach teacher: to-come>cancelled scheduled>cancelled
        """,
        hold_coaching_session=SPENT,
    ),
    _of_series_word,
)

OF_PROGRAMS = (
    RELATIONSHIP, AGREEMENT, COACHING_PROGRAM, ENROLLMENT, FLAG_ANSWER, SESSION, SERIES,
)  # fmt: skip
