"""What becomes of pairs, groups, community meetings and what is taken away from these, as tables
(tests/support/lives.py): by the words of docs/architecture.md, not by the code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.lives import Life, moves, spread
from tests.support.lives_of_programs import V1, made
from tests.support.staff import Staffed

TWO = {"kind": "pair", "member_ids": ["teacher", "peer"], "facilitator_id": "coach"}
GROUP = {"kind": "group", "member_ids": ["teacher", "peer"], "facilitator_id": "coach"}
RUNS = ("teacher", "peer", "third", "coach")  # who may pause it


async def _of_circle(platform: Staffed, said: Any) -> Mapping[str, Any]:
    """Who has paused it is told to nobody but herself."""
    path, paused = f"{V1}/circles/{said['circle_id']}", []
    for who in RUNS:
        async with platform.client("programs", f"north/{who}") as client:
            answer = await client.get(path)
        if answer.is_success and "resume_circle" in answer.json()["allowed"]:
            paused.append(who)
    return {"paused": paused}


def _circle_word(said: Any, at: datetime, people: tuple[str, ...]) -> str:
    """Of each of these where she stands, and whether who facilitates it has paused it."""
    joined = {each["teacher_id"]: each["joined"] for each in said["members"]}
    met, paused = sum(joined.values()) > 1, said["paused"]
    state = ("paused" if paused else "active") if met else "proposed"
    if said["ended_at"]:
        state = "ended"
    assert said["state"] == state, said
    assert said["joined_count"] == sum(joined.values()), said
    if state == "ended":
        return state
    stands = ["in" if joined.get(e) else "asked" if e in joined else "out" for e in people]
    told = ["paused" if who in paused else word for who, word in zip(people, stands, strict=True)]
    return ".".join([*told, "paused" if "coach" in paused else "runs"])


async def _pair(platform: Staffed) -> str:
    return await made(platform, "teacher", "circle", "circles", {**TWO, "shows": []})


PAIR_OF_TWO = Life(
    "pair",
    _pair,
    "admin",
    moves(
        spread(
            """
        propose | POST /programs/v1/circles
            teacher: ended>in.asked.runs
            peer: ended>asked.in.runs
            admin: ended>asked.asked.runs
            teacher peer admin: *.*.*=
        join_circle | POST join
            teacher: asked.*.*>in.*.* in|paused.*.*=
            peer: *.asked.*>*.in.* *.in|paused.*=
        decline_circle | POST decline
            teacher: asked.*.*>ended
            peer: *.asked.*>ended
        step_out_circle | POST step-out
            teacher: in|paused.*.*>ended
            peer: *.in|paused.*>ended
        pause_circle | POST pause
            teacher: in.*.*>paused.*.* paused.*.*=
            peer: *.in.*>*.paused.* *.paused.*=
            coach: *.*.runs>*.*.paused *.*.paused=
        resume_circle | POST resume
            teacher: paused.*.*>in.*.*
            peer: *.paused.*>*.in.*
            coach: *.*.paused>*.*.runs
        end_circle | POST end
            teacher peer coach admin: *.*.*>ended
        """,
            ("asked", "in", "paused"),
            ("asked", "in", "paused"),
            ("runs", "paused"),
        ),
        propose={**TWO, "shows": []},
        join_circle={"shows": []},
    ),
    lambda said, at: _circle_word(said, at, ("teacher", "peer")),
    beside=_of_circle,
)


async def _group(platform: Staffed) -> str:
    return await made(platform, "coach", "circle", "circles", GROUP)


_STANDS = ("out", "asked", "in", "paused")
_HERE = "asked|in|paused"
# Of each of the three: her part of a state, and of the others either while one of them is there.
_OTHERS = {
    "teacher": ("{}.asked|in|paused.*.*", "{}.out.asked|in|paused.*", "{}.out.out.*"),
    "peer": ("asked|in|paused.{}.*.*", "out.{}.asked|in|paused.*", "out.{}.out.*"),
    "third": ("asked|in|paused.*.{}.*", "out.asked|in|paused.{}.*", "out.out.{}.*"),
}
_HERS = {"teacher": "{}.*.*.*", "peer": "*.{}.*.*", "third": "*.*.{}.*"}


def _leaves(was: str) -> str:
    """Lines of who goes: with the last one it has ended."""
    lines = []
    for who, (one, two, alone) in _OTHERS.items():
        out = _HERS[who].format("out")
        ways = f"{one.format(was)}>{out} {two.format(was)}>{out} {alone.format(was)}>ended"
        lines.append(f"{who}: {ways}")
    return "\n".join(lines)


def _hers(*ways: str) -> str:
    """Lines of each of the three, of which these are her part of a state."""
    told = []
    for who, form in _HERS.items():
        each = (way.partition(mark) for way in ways for mark in (">" if ">" in way else "=",))
        said = (f"{form.format(o)}{m}{form.format(n) if n else ''}" for o, m, n in each)
        told.append(f"{who}: {' '.join(said)}")
    return "\n".join(told)


def _invites(whom: str) -> str:
    """Whoever has joined, who facilitates it and the district; who is there stays as she is."""
    form, lines = _HERS[whom], []
    for by, own in _HERS.items():
        if by != whom:
            both = own.format("in|paused").split(".")
            parts = form.format("out").split(".")
            new = ".".join(p if p == "out" else b for p, b in zip(parts, both, strict=True))
            asked = form.format("asked")
            here = new.replace("out", _HERE)
            lines.append(f"{by}: {new}>{asked} {here}=")
        else:
            lines.append(f"{by}: {own.format('in|paused')}=")
    lines.append(f"coach admin: {form.format('out')}>{form.format('asked')} {form.format(_HERE)}=")
    return "\n".join(lines)


GROUP_OF_SOME = Life(
    "group",
    _group,
    "admin",
    moves(
        spread(
            f"""
        join_circle | POST join
            {_hers("asked>in", "in|paused=")}
        decline_circle | POST decline
            {_leaves("asked")}
        step_out_circle | POST step-out
            {_leaves("in|paused")}
        pause_circle | POST pause
            {_hers("in>paused", "paused=")}
            coach: *.*.*.runs>*.*.*.paused *.*.*.paused=
        resume_circle | POST resume
            {_hers("paused>in")}
            coach: *.*.*.paused>*.*.*.runs
        invite_circle | POST invite
            {_invites("third")}
        invite_teacher | POST /programs/v1/circles/{{circle_id}}/invite
            {_invites("teacher")}
        end_circle | POST end
            coach admin: *.*.*.*>ended
        """,
            *(_STANDS, _STANDS, _STANDS, ("runs", "paused")),
        ),
        join_circle={"shows": []},
        invite_circle={"member_ids": ["third"]},
        invite_teacher={"member_ids": ["teacher"]},
    ),
    lambda said, at: _circle_word(said, at, ("teacher", "peer", "third")),
    people=("coach", "teacher", "peer", "third", "leader", "admin"),
    beside=_of_circle,
)


async def _meeting(platform: Staffed, hours: float = 1) -> str:
    """One that begins then, and takes eight hours."""
    begins = platform.clock.now() + timedelta(hours=hours)
    body = {"starts_at": _wire(begins), "minutes": 480, "member_ids": ["teacher", "peer"]}
    return await made(platform, "coach", "community_meeting", "community-meetings", body)


def _wire(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def _of_meeting(platform: Staffed, said: Any) -> Mapping[str, Any]:
    """Who has left before is told to nobody: it stands in what is stored."""
    store = platform.services["programs"].backing.store
    assert isinstance(store, MemoryDocuments)
    meeting = store._stored[said["community_meeting_id"]].says
    return {
        "now": platform.clock.now(),
        "left": [each for each in ("teacher", "peer") if each in meeting["asked_again"]],
    }


def _meeting_word(said: Any, at: datetime) -> str:
    """Its state; where its time stands; each of the two, `re-` of who had left before."""
    joined = {each["teacher_id"]: each["joined"] for each in said["members"]}
    begins, ends = (datetime.fromisoformat(said[f"{each}s_at"]) for each in ("start", "end"))
    time = "soon" if at < begins else "on" if at < ends else "past"
    assert said["joined_count"] == sum(joined.values()), said
    stands = []
    for who in ("teacher", "peer"):
        word = "in" if joined.get(who) else "asked" if who in joined else "out"
        stands.append(f"re-{word}" if who in said["left"] else word)
    return ".".join([said["state"], time, *stands])


def _moved(said: Any) -> Any:
    return {"starts_at": _wire(said["now"] + timedelta(days=1, minutes=said["version"]))}


_COMES = ("out", "asked", "in", "re-out", "re-asked", "re-in")
_INVITED = {
    who: f"""coach: planned.soon|on.{form.format("out")}>*.*.{form.format("re-asked")}
            coach: planned.soon|on.{form.format("asked|in|re-out|re-asked|re-in")}="""
    for who, form in (("teacher", "{}.*"), ("peer", "*.{}"))
}


def _step_out(form: str) -> str:
    ways = (("asked|in", "out"), ("re-asked|re-in", "re-out"))
    return " ".join(f"*.*.{form.format(old)}>*.*.{form.format(new)}" for old, new in ways)


def _joins(form: str) -> str:
    ways = (("asked", ">", "in"), ("re-asked", ">", "re-in"), ("in|re-in", "=", ""))
    return " ".join(
        f"planned.soon|on.{form.format(old)}{mark}{f'*.*.{form.format(new)}' if new else ''}"
        for old, mark, new in ways
    )


MEETING = Life(
    "meeting",
    _meeting,
    "coach",
    moves(
        spread(
            f"""
        join_community_meeting | POST join
            teacher: {_joins("{}.*")}
            peer: {_joins("*.{}")}
        step_out_community_meeting | POST step-out
            teacher: {_step_out("{}.*")}
            peer: {_step_out("*.{}")}
        invite_community_meeting | POST invite
            {_INVITED["teacher"]}
        invite_peer | POST /programs/v1/community-meetings/{{community_meeting_id}}/invite
            {_INVITED["peer"]}
        edit_community_meeting | PATCH
            coach: planned.*.*.*>*.*.*.*
        move | PATCH /programs/v1/community-meetings/{{community_meeting_id}}
            coach: planned.soon|on.*.*>*.soon.*.*
        hold_community_meeting | POST hold
            coach: planned.on|past.*.*>held.*.*.*
        cancel_community_meeting | POST cancel
            coach: planned.*.*.*>cancelled.*.*.*
        """,
            *(("planned", "held", "cancelled"), ("soon", "on", "past"), _COMES, _COMES),
        ),
        invite_community_meeting={"member_ids": ["teacher"]},
        invite_peer={"member_ids": ["peer"]},
        edit_community_meeting=lambda said: {
            "agenda": [{"title": f"{said['version']}", "minutes": 5}]
        },
        move=_moved,
    ),
    _meeting_word,
    people=("coach", "teacher", "peer", "leader", "admin"),
    bounds={"move": "too_many_plans"},
    beside=_of_meeting,
)


async def _taken_away(platform: Staffed) -> str:
    meeting = await _meeting(platform, -1)
    for who in ("teacher", "peer"):
        await platform.ask(f"north/{who}", "POST", f"{meeting}/join")
    body = {"community_meeting_id": meeting.rpartition("/")[2], "text": "An exit ticket"}
    return await made(platform, "teacher", "takeaway", "takeaways", body)


async def _of_takeaway(platform: Staffed, said: Any) -> Mapping[str, Any]:
    path = f"{V1}/community-meetings/{said['community_meeting_id']}"
    return {"meeting": (await platform.ask("north/coach", "GET", path)).json()}


def _takeaway_word(said: Any, at: datetime) -> str:
    """Whether its words are there, who of the two is in the meeting, and whether that is called
    off."""
    assert (said["text"] == "") == (said["state"] == "taken_back"), said
    here = [each["teacher_id"] for each in said["meeting"]["members"]]
    stands = ["in" if who in here else "out" for who in ("teacher", "peer")]
    return ".".join([said["state"], *stands, said["meeting"]["state"]])


_AT = "/programs/v1/community-meetings/{community_meeting_id}"
TAKEAWAY = Life(
    "takeaway",
    _taken_away,
    "teacher",
    moves(
        spread(
            f"""
        read | GET /programs/v1/takeaways/{{takeaway_id}}
            teacher coach: *.*.*.*=
            peer: *.*.in.*=
        take_back_takeaway | POST take-back
            teacher: written.*.*.*>taken_back.*.*.*
        write | POST /programs/v1/takeaways
            teacher: *.in.*.planned|held=
            peer: *.*.in.planned|held=
            coach: *.*.*.planned|held=
        step_out | POST {_AT}/step-out
            teacher: *.in.*.*~*.out.*.*
            peer: *.*.in.*~*.*.out.*
        hold | POST {_AT}/hold
            coach: *.*.*.planned~*.*.*.held
        cancel | POST {_AT}/cancel
            coach: *.*.*.planned~*.*.*.cancelled
        """,
            *(("written", "taken_back"), ("in", "out"), ("in", "out")),
            ("planned", "held", "cancelled"),
        ),
        write=lambda said: {
            "community_meeting_id": said["community_meeting_id"],
            "text": "Another one",
        },
    ),
    _takeaway_word,
    people=("coach", "teacher", "peer", "leader", "admin"),
    bounds={"write": "too_many_takeaways"},
    beside=_of_takeaway,
)

OF_CIRCLES = (PAIR_OF_TWO, GROUP_OF_SOME, MEETING, TAKEAWAY)
