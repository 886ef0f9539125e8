"""What becomes of the things of goals, as tables (tests/support/lives.py): by the words of
docs/architecture.md, not by the code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.lives import Life, moves
from tests.support.lives_of_banks import TREE, made
from tests.support.staff import Staffed

DAY = timedelta(days=1)  # within which a step is taken back
GOAL = {
    "teacher_id": "teacher",
    "statement": "Students talk",
    "focus_skill": "talk",
    "measure_id": "talk-share",
    "unit": "percent",
    "target": 60,
}


def _late(said: Any, name: str, at: datetime) -> str:
    """Of what was closed, `-for-good` where that was more than a day ago."""
    since = said[name]
    late = since is not None and at - datetime.fromisoformat(since) > DAY
    return f"{said['state']}-for-good" if late else str(said["state"])


async def _drafted(platform: Staffed) -> str:
    return await made(platform, "coach", "goal", "goals", GOAL)


def _goal_word(said: Any, at: datetime) -> str:
    if said["state"] == "draft":
        return "draft" if said["baseline"] is None else "draft-from"
    if said["state"] == "abandoned" and said["baseline"] is None:
        return "abandoned-without"  # what never had a baseline is not pursued
    closed = _late(said, "closed_at", at)
    if said["state"] == "maintained":  # `-later`: more than a day after it was achieved
        kept = _late(said, "maintained_at", at)
        return "maintained-later" if kept == "maintained" != closed else kept
    return closed


OF_GOAL = Life(
    "goal",
    _drafted,
    "teacher",
    moves(
        """
        set_baseline | PUT baseline
            coach teacher: draft>draft-from draft-from>draft-from
        withdraw_goal | POST withdraw
            coach teacher: draft>withdrawn draft-from>withdrawn
        activate_goal | POST activate
            teacher: draft-from>active achieved>active closed_not_met>active
            teacher: abandoned>active
        record_progress | POST progress
            coach teacher: active>active
        revise_goal | POST* revise
            teacher: active>active
        achieve_goal | POST achieve
            teacher: active>achieved maintained>achieved maintained-later>achieved-for-good
        maintain_goal | POST maintain
            teacher: achieved>maintained achieved-for-good>maintained-later
        close_not_met_goal | POST close-not-met
            teacher: active>closed_not_met
        abandon_goal | POST abandon
            teacher: draft>abandoned-without draft-from>abandoned active>abandoned
        """,
        set_baseline={"value": 35},
        record_progress={"value": 41},
        revise_goal=lambda said: {"target": said["target"] + 1, "reason": "More is possible"},
    ),
    _goal_word,
)


async def _trial(platform: Staffed) -> str:
    goal = (await _drafted(platform)).rpartition("/")[2]
    body = {"teacher_id": "teacher", "goal_id": goal, "words": "Wait"}
    return await made(platform, "coach", "trial", "trials", body)


def _trial_word(said: Any, at: datetime) -> str:
    """`-rehearsed`: what was tried had been; `-for-good`: its last step is not taken back."""
    since = {"rehearsed": "rehearsed_at", "tried": "tried_at", "closed": "closed_at"}
    if said["state"] not in since:
        return str(said["state"])
    late = "-for-good" * (at - datetime.fromisoformat(said[since[said["state"]]]) > DAY)
    before = "-rehearsed" * (said["state"] == "tried" and said["rehearsed_at"] is not None)
    return f"{said['state']}{before}{late}"


TRIAL = Life(
    "trial",
    _trial,
    "teacher",
    moves(
        """
        agree_trial | POST agree
            teacher: proposed>open
        decline_trial | POST decline
            teacher: proposed>declined
        withdraw_trial | POST withdraw
            coach: proposed>withdrawn
            teacher: proposed>withdrawn open>withdrawn rehearsed>withdrawn
            teacher: rehearsed-for-good>withdrawn
        rehearse_trial | POST rehearse
            teacher: open>rehearsed
        try_out_trial | POST try-out
            teacher: open>tried rehearsed>tried-rehearsed rehearsed-for-good>tried-rehearsed
        reflect | PUT /goals/v1/trials/{trial_id}/reflection
            teacher: tried>reflected tried-for-good>reflected tried-rehearsed>reflected
            teacher: tried-rehearsed-for-good>reflected reflected= closed= closed-for-good=
        close_trial | POST close
            teacher: reflected>closed
        step_back_trial | POST step-back
            teacher: rehearsed>open tried>open tried-rehearsed>rehearsed closed>reflected
        """,
        reflect={"text": "Two have spoken", "shown": False},
        close_trial={"outcome": "adapt"},
    ),
    _trial_word,
)


async def _walk(platform: Staffed) -> str:
    tree = await made(platform, "coach", "tree", "trees", TREE)
    await platform.ask("north/coach", "POST", f"{tree}/publish")
    await _drafted(platform)
    body = {"teacher_id": "teacher", "tree_id": tree.rpartition("/")[2]}
    return await made(platform, "teacher", "walk", "walks", body)


def _walk_word(said: Any, at: datetime) -> str:
    """While it is under way the steps that led to where it stands."""
    way = "-".join(each["step_id"] for each in said["answers"])
    return f"{way}-at-{said['at_step_id']}" if said["state"] == "underway" else str(said["state"])


WALK = Life(
    "walk",
    _walk,
    "teacher",
    moves(
        """
        reasons | POST /goals/v1/walks/{walk_id}/answers
            coach teacher: -at-hope>hope-at-who
        who | POST /goals/v1/walks/{walk_id}/answers
            coach teacher: hope-at-who>hope-who-at-end
        voices | POST /goals/v1/walks/{walk_id}/answers
            coach teacher: -at-hope>hope-at-end
        step_back_walk | POST step-back
            coach teacher: hope-at-who>-at-hope hope-who-at-end>hope-at-who hope-at-end>-at-hope
        abandon_walk | POST abandon
            coach teacher: -at-hope>abandoned hope-at-who>abandoned
            coach teacher: hope-who-at-end>abandoned hope-at-end>abandoned
        """,
        reasons={"step_id": "hope", "answer_id": "reasons"},
        who={"step_id": "who", "answer_id": "few"},
        voices={"step_id": "hope", "answer_id": "voices"},
    ),
    _walk_word,
)


async def _shared(platform: Staffed) -> str:
    goal = (await _drafted(platform)).rpartition("/")[2]
    until = (platform.clock.now() + timedelta(hours=40)).isoformat().replace("+00:00", "Z")
    body = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}, {"person_id": "other"}],
        "purpose": "peer_learning",
        "expires_at": until,
        "once": True,
    }
    return await made(platform, "teacher", "goal_share", "shares", body)


def _share_word(said: Any, at: datetime) -> str:
    """Who has not read it; `over` once its time is, which nobody needs to have noted."""
    if said["state"] != "open":
        return str(said["state"])
    if at >= datetime.fromisoformat(said["expires_at"]):
        return "over"
    return "+".join(e["person_id"] for e in said["audience"] if not e["read_at"]) or "read"


SHARE = Life(
    "share",
    _shared,
    "teacher",
    moves(
        """
        read | GET /goals/v1/goals/{goal_id}
            teacher coach: peer+other= peer= other= read= over= revoked=
            peer: peer+other>other peer>read
            other: peer+other>peer other>read
        revoke_goal_share | POST revoke
            teacher: peer+other>revoked peer>revoked other>revoked read>revoked over>revoked
        """
    ),
    _share_word,
)


async def _celebrated(platform: Staffed) -> str:
    goal = await _drafted(platform)
    await platform.ask("north/teacher", "PUT", f"{goal}/baseline", {"value": 35})
    for each in ("activate", "achieve"):
        await platform.ask("north/teacher", "POST", f"{goal}/{each}")
    body = {"teacher_id": "teacher", "fact": "achieved", "goal_id": goal.rpartition("/")[2]}
    return await made(platform, "coach", "celebration", "celebrations", body)


def _celebration_word(said: Any, at: datetime) -> str:
    return str(said["audience"] if said["state"] == "sent" else said["state"])


CELEBRATION = Life(
    "celebration",
    _celebrated,
    "teacher",
    moves(
        """
        choose_celebration_audience | PUT audience
            teacher: mine>coaches put_away>coaches coaches=
        put_away_celebration | POST put-away
            teacher: mine>put_away coaches>put_away
        """,
        choose_celebration_audience={"audience": "coaches"},
    ),
    _celebration_word,
)

OF_GOALS = (OF_GOAL, TRIAL, WALK, SHARE, CELEBRATION)
