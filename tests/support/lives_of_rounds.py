"""What becomes of rounds, of what teachers ask and coaches offer in them, of interest in pairs and
of trainings, as tables (tests/support/lives.py): by the words of docs/architecture.md, not by the
code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.support.lives import Life, moves, spread
from tests.support.lives_of_programs import PROGRAM, V1, made
from tests.support.staff import Staffed

PEOPLE = ("coach", "teacher", "peer", "aide", "admin")  # the aide leads the program
OPTIONS = [{"option_id": "talk", "label": "Talk in class"}]
DAY = timedelta(days=1)


async def _led(platform: Staffed) -> str:
    """A program that is open; its id."""
    grant = {"person_id": "aide", "role": "program_lead", "org_ids": ["school-1"], "reason": "So"}
    await platform.ask("north/admin", "POST", "/roster/v1/grants", grant)
    await platform.settle()
    path = await made(platform, "aide", "program", "programs", PROGRAM)
    await platform.ask("north/aide", "POST", f"{path}/open")
    return path.rpartition("/")[2]


def _day(at: datetime, days: int = 0) -> str:
    return (at + days * DAY).date().isoformat()


async def _round(platform: Staffed, begins: int = 0, ends: int = 60) -> str:
    now = platform.clock.now()
    says = {
        "program_id": await _led(platform),
        "title": "Autumn",
        "options": OPTIONS,
        "begin_date": _day(now, begins),
        "end_date": _day(now, ends),
        "capacity": 1,
    }
    return await made(platform, "aide", "coaching_round", "coaching-rounds", says)


async def _round_to_come(platform: Staffed) -> str:
    return await _round(platform, 3, 9)


async def _today(platform: Staffed, said: Any) -> Mapping[str, Any]:
    return {"now": platform.clock.now()}


def _round_word(said: Any, at: datetime) -> str:
    """`opened`, `shut`: by hand, whatever its days are; `ended-`: its last day is over."""
    today = _day(at)
    over = today > said["end_date"]
    if said["closed_at"]:
        word, state = "shut", "closed"
    elif said["opened_at"]:
        word, state = "opened", "closed" if over else "open"
    else:
        word = state = "planned" if today < said["begin_date"] else "closed" if over else "open"
    assert said["state"] == state, (today, said)
    return f"ended-{word}" if over and word in ("shut", "opened") else word


def _round_says(said: Any, **more: Any) -> Any:
    same = ("options", "begin_date", "end_date", "capacity")
    title = f"Autumn {said['version']}"  # another each time
    return {name: said[name] for name in same} | {"title": title} | more


ROUND = Life(
    "round",
    _round_to_come,
    "aide",
    moves(
        """
        open_coaching_round | POST open
            aide admin: planned>opened shut>opened
        close_coaching_round | POST close
            aide admin: planned>shut open>shut opened>shut closed>ended-shut
            aide admin: ended-opened>ended-shut
        edit_coaching_round | POST* edit
            aide admin: planned>planned open>open opened>opened shut>shut closed>open
            aide admin: ended-opened>opened ended-shut>shut
        no_longer | POST* /programs/v1/coaching-rounds/{coaching_round_id}/edit
            aide admin: planned>planned open>open opened>opened shut>shut
        later | POST* /programs/v1/coaching-rounds/{coaching_round_id}/edit
            aide admin: planned>planned opened>opened shut>shut ended-opened>opened
            aide admin: ended-shut>shut
        another | POST* /programs/v1/coaching-rounds/{coaching_round_id}/edit
            aide admin: planned>planned
        """,
        edit_coaching_round=lambda said: _round_says(said, end_date=_day(said["now"], 5)),
        no_longer=_round_says,
        later=lambda said: _round_says(
            said, begin_date=_day(said["now"], 2), end_date=_day(said["now"], 6)
        ),
        another=lambda said: _round_says(
            said, options=[{"option_id": f"v{said['version']}", "label": "Another"}]
        ),
    ),
    _round_word,
    people=PEOPLE,
    beside=_today,
)


async def _asked(platform: Staffed) -> str:
    round_ = (await _round(platform)).rpartition("/")[2]
    body = {"coaching_round_id": round_, "option_ids": ["talk"]}
    return await made(platform, "teacher", "coaching_request", "coaching-requests", body)


async def _of_request(platform: Staffed, said: Any) -> Mapping[str, Any]:
    """The round, what the other teacher has asked in it, and who is proposed to either."""

    async def own(who: str, what: str) -> Any:
        path = f"{V1}/{what.replace('_', '-')}"
        found = (await platform.ask(f"north/{who}", "GET", path)).json()[what]
        return found[0] if found else None

    path = f"{V1}/coaching-rounds/{said['coaching_round_id']}"
    return {
        "round": (await platform.ask("north/peer", "GET", path)).json(),
        "theirs": await own("peer", "coaching_requests"),
        "proposed": await own("teacher", "relationships"),
        "proposed_to_peer": await own("peer", "relationships"),
        "relationship": _id(await own("teacher", "relationships"), "relationship_id"),
        "their_request": _id(await own("peer", "coaching_requests"), "coaching_request_id"),
        "their_relationship": _id(await own("peer", "relationships"), "relationship_id"),
    }


def _id(found: Any, name: str) -> str:
    return str(found[name]) if found else "none"


def _request_word(said: Any, at: datetime) -> str:
    """What became of hers, of the other teacher's, and whether they may ask. There is one place."""
    mine, theirs = said["state"], said["theirs"]
    their = theirs["state"] if theirs else "none"
    waiting = [
        (each["asked_at"], each["coaching_request_id"])
        for each in (said, theirs)
        if each and each["state"] == "waiting"
    ]
    hers = (said["asked_at"], said["coaching_request_id"])
    place = sorted(waiting).index(hers) + 1 if mine == "waiting" else None
    assert said["place"] == place, said
    assert said["waiting_count"] == (len(waiting) if place else None), said
    taken = [mine, their].count("granted")
    assert said["round"]["full"] == (taken == 1), said
    if mine == "granted" and said["proposed"]["state"] == "active":
        mine = "coached"
    their = their if their in ("none", "waiting", "granted") else "over"
    return f"{mine}.{their}.{said['round']['state']}"


_MINE = ("waiting", "granted", "coached", "withdrawn", "turned_down", "ended")
_THEIRS, _ROUND = ("none", "waiting", "granted", "over"), ("open", "closed")

REQUEST = Life(
    "request",
    _asked,
    "teacher",
    moves(
        spread(
            """
        request_coaching | POST /programs/v1/coaching-requests
            teacher: withdrawn|turned_down|ended.*.open>waiting.*.*
            teacher: waiting|granted|coached.*.*=
            peer: *.none|over.open~*.waiting.* *.waiting|granted.*=
        edit_coaching_request | POST edit
            teacher: waiting.*.*>waiting.*.*
        withdraw_coaching_request | POST withdraw
            teacher: waiting.*.*>withdrawn.*.*
        turn_down_coaching_request | POST turn-down
            aide: waiting.*.*>turned_down.*.*
        take_back_theirs | POST /programs/v1/coaching-requests/{their_request}/withdraw
            peer: *.waiting.*~*.over.*
        turn_down_theirs | POST /programs/v1/coaching-requests/{their_request}/turn-down
            aide: *.waiting.*~*.over.*
        grant | POST /programs/v1/coaching-rounds/{coaching_round_id}/grant
            aide: waiting.none|waiting|over.*>granted.*.* granted|coached.*.*=
        grant_theirs | POST /programs/v1/coaching-rounds/{coaching_round_id}/grant
            aide: waiting|withdrawn|turned_down|ended.waiting.*~*.granted.* *.granted.*=
        accept | POST /programs/v1/relationships/{relationship}/accept
            teacher: granted.*.*~coached.*.* coached.*.*=
        decline | POST /programs/v1/relationships/{relationship}/decline
            teacher: granted.*.*>ended.*.*
        end | POST /programs/v1/relationships/{relationship}/end
            coach teacher admin: granted|coached.*.*>ended.*.*
        decline_theirs | POST /programs/v1/relationships/{their_relationship}/decline
            peer: *.granted.*~*.over.*
        close_round | POST /programs/v1/coaching-rounds/{coaching_round_id}/close
            aide admin: *.*.open~*.*.closed
        open_round | POST /programs/v1/coaching-rounds/{coaching_round_id}/open
            aide admin: *.*.closed~*.*.open
        """,
            _MINE,
            _THEIRS,
            _ROUND,
        ),
        request_coaching=lambda said: {
            "coaching_round_id": said["coaching_round_id"],
            "option_ids": ["talk"],
        },
        edit_coaching_request=lambda said: {"option_ids": ["talk"], "note": f"{said['version']}"},
        grant=lambda said: {
            "coaching_request_id": said["coaching_request_id"],
            "coach_id": "coach",
        },
        grant_theirs=lambda said: {
            "coaching_request_id": said["their_request"],
            "coach_id": "coach",
        },
    ),
    _request_word,
    people=("teacher", "peer", "aide", "admin", "leader"),  # whoever coaches may ask, too
    alone=True,
    beside=_of_request,
    settles=True,
)


async def _offered(platform: Staffed) -> str:
    round_ = (await _round(platform)).rpartition("/")[2]
    body = {"coaching_round_id": round_, "grades": ["03"], "capacity": 1}
    return await made(platform, "coach", "coaching_offer", "coaching-offers", body)


async def _of_offer(platform: Staffed, said: Any) -> Mapping[str, Any]:
    path = f"{V1}/programs/{said['program_id']}"
    return {"program": (await platform.ask("north/admin", "GET", path)).json()}


def _offer_word(said: Any, at: datetime) -> str:
    """For how many she would coach, and whether anybody may offer."""
    back = said["state"] == "withdrawn"
    assert back == (said["capacity"] == 0) == (said["grades"] == []), said
    word = "withdrawn" if back else str(said["capacity"])
    return f"{word}.{'closed' if said['program']['state'] == 'closed' else 'open'}"


def _offers(capacity: int) -> Any:
    return lambda said: {
        "coaching_round_id": said["coaching_round_id"],
        "grades": ["03"],
        "capacity": capacity,
    }


OFFER = Life(
    "offer",
    _offered,
    "coach",
    moves(
        spread(
            """
        offer | POST /programs/v1/coaching-offers
            coach: withdrawn|2.open>1.* 1.open=
            other teacher peer: *.open=
        offer_more | POST /programs/v1/coaching-offers
            coach: withdrawn|1.open>2.* 2.open=
            other teacher peer: *.open=
        withdraw_coaching_offer | POST withdraw
            coach: 1|2.*>withdrawn.*
        close_program | POST /programs/v1/programs/{program_id}/close
            aide admin: *.open~*.closed
        """,
            ("1", "2", "withdrawn"),
            ("open", "closed"),
        ),
        offer=_offers(1),
        offer_more=_offers(2),
    ),
    _offer_word,
    people=(*PEOPLE, "other"),
    beside=_of_offer,
)


async def _interested(platform: Staffed) -> str:
    return await made(platform, "teacher", "pair_interest", "pair-interests", _SAYS["talk"])


_SAYS = {each: {"offers": [each], "seeks": ["wait-time"]} for each in ("talk", "writing")}

INTEREST = Life(
    "pair interest",
    _interested,
    "teacher",
    moves(
        """
        talk | POST /programs/v1/pair-interests
            teacher: withdrawn>talk writing>talk talk=
            peer: withdrawn= writing= talk=
        writing | POST /programs/v1/pair-interests
            teacher: withdrawn>writing talk>writing writing=
            peer: withdrawn= writing= talk=
        withdraw_pair_interest | POST withdraw
            teacher: talk>withdrawn writing>withdrawn
        """,
        **_SAYS,
    ),
    lambda said, _: "-".join(said["offers"]) or str(said["state"]),
)


async def _trained(platform: Staffed) -> str:
    body = {
        "person_id": "teacher",
        "program_id": await _led(platform),
        "kind": "coaching",
        "topic": "feedback",
        "completed_on": _day(platform.clock.now()),
        "expires_on": _day(platform.clock.now(), 64),
        "provider": "district",
    }
    return await made(platform, "aide", "training", "trainings", body)


def _training_word(said: Any, at: datetime) -> str:
    last = datetime.fromisoformat(f"{said['expires_on']}T00:00+00:00")
    word = "voided" if said["voided_at"] else "current"
    if word == "current" and last - at < 60 * DAY:
        word = "expiring" if _day(at) <= said["expires_on"] else "expired"
    assert said["state"] == word, said
    return f"{word}-contested" if said["contested_at"] and word != "voided" else word


def _corrected(said: Any, **more: Any) -> Any:
    provider = "university" if said["provider"] == "district" else "district"
    return {"reason": "mistyped", "provider": provider, **more}


_TRAINED = ("current", "expiring", "expired")
_ANY = " ".join(f"{word}{wrong}>" for word in _TRAINED for wrong in ("", "-contested"))
TRAINING = Life(
    "training",
    _trained,
    "teacher",
    moves(
        f"""
        contest_training | POST contest
            teacher: {" ".join(f"{each}>{each}-contested" for each in _TRAINED)}
        correct_training | POST correct
            aide admin: {" ".join(f"{each}>{each} {each}-contested>{each}" for each in _TRAINED)}
        shorten | POST /programs/v1/trainings/{{training_id}}/correct
            aide admin: {_ANY.replace(">", ">expiring")}
        void_training | POST void
            aide admin: {_ANY.replace(">", ">voided")}
        """,
        contest_training={"note": "It was another topic"},
        correct_training=_corrected,
        shorten=lambda said: _corrected(said, expires_on=_day(said["now"], 3)),
        void_training={"reason": "recorded_twice"},
    ),
    _training_word,
    people=PEOPLE,
    bounds=dict.fromkeys(("correct_training", "shorten"), "too_many_corrections"),
    beside=_today,
)

OF_ROUNDS = (ROUND, REQUEST, OFFER, INTEREST, TRAINING)
