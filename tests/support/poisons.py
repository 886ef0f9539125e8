"""Ways in which what is stored of one district may be broken: by another build, by hand, by a
fault of ours. Each changes a row in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.chassis.views.projection import Row

Poison = Callable[[Row], object]

NEVER = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


def only(group: str) -> Callable[[Row], dict[str, Any]]:
    """The one fact of a group."""
    return lambda row: next(iter(row["facts"][group].values()))


def setting(group: str, name: str, value: Any) -> Poison:
    return lambda row: only(group)(row).update({name: value})


def missing(group: str, name: str) -> Poison:
    return lambda row: only(group)(row).pop(name)


def field(name: str, value: Any) -> Poison:
    return lambda row: row.update({name: value})


def gone(name: str) -> Poison:
    return lambda row: row.pop(name, None)


def fact(group: str, value: Any) -> Poison:
    return lambda row: row["facts"].update({group: {"x": value}})


def group(name: str, value: Any) -> Poison:
    return lambda row: row["facts"].update({name: value})


# Of a row of any view.
ANY: dict[str, Poison] = {
    "no facts": gone("facts"),
    "facts that are none": field("facts", None),
    "facts in a list": field("facts", [1, 2]),
    "nothing but an id": lambda row: [row.pop(name) for name in list(row) if name != "_id"],
    "another district's name in it": field("district", "north"),
}

CARD: dict[str, Poison] = {
    "a state of another build": setting("goals", "state", "paused"),
    "a state that is no text": setting("goals", "state", None),
    "no state": missing("goals", "state"),
    "no measure": missing("goals", "measure"),
    "a target in words": setting("goals", "target", "twenty"),
    "a current value in a list": setting("goals", "current", [12]),
    "a date that is none": setting("goals", "due", "soon"),
    "a date in a number": setting("goals", "due", 20270301),
    "an instant that is text": setting("goals", "drafted_at", "2026-10-05T15:00:00Z"),
    "an instant at the end of time": setting("relationships", "accepted_at", NEVER),
    "closed at the end of time": setting("goals", "closed_at", NEVER),
    "a coach who is a list": setting("relationships", "coach", ["coach-1"]),
    "no coach": missing("relationships", "coach"),
    "a goal that is text": fact("goals", "read more"),
    "goals that are text": group("goals", "read more"),
    "surveys that are a list": group("surveys", [{"n": 3}]),
    "an observation of nothing": fact("observations", {}),
    "a survey answered by too many": fact(
        "surveys", {"v": 1, "instrument": "i", "closed_at": NEVER, "n_min": 2**40, "small_n": -1}
    ),
    "a share in words": fact("surveys", {"v": 1, "instrument": "i", "favorable_share": "all"}),
    "a newest event at no time": field("newest_event_at", "now"),
    "incomplete without an aggregate": field("incomplete", None),
    "a mark that is a number": field("rev", 7),
    "coaches that are a number": field("coaches", 7),
    "coaches that are text": field("coaches", "coach-1"),
    "no mark": gone("rev"),
}

CALENDAR: dict[str, Poison] = {
    "no beginning": missing("session", "starts"),
    "a beginning that is none": setting("session", "starts", "soon"),
    "an end in a number": setting("session", "ends", 20270601),
    "the end of time": lambda row: only("session")(row).update(
        starts="9999-01-01", ends="9999-12-31"
    ),
    "from the first day to the last": lambda row: only("session")(row).update(
        starts="0001-01-01", ends="9999-12-31"
    ),
    "an end before the beginning": setting("session", "ends", "2020-01-01"),
    "a year in words": setting("session", "school_year", "next"),
    "no kind": setting("session", "type", None),
    "active or not, nobody knows": missing("session", "active"),
    "a session that is nothing": fact("session", None),
    "days without school in words": fact("closed", {"v": 1, "spans": "all"}),
    "days without school to the end of time": fact(
        "closed", {"v": 1, "spans": [["2026-11-11", "9999-12-31"]]}
    ),
}

ACCESS: dict[str, Poison] = {
    "a role of another build": lambda row: only("person")(row)["roles"][0].update(scope="school-1"),
    "a role without a name": lambda row: only("person")(row)["roles"][0].pop("role"),
    "a name that is a number": setting("person", "given", 7),
    "a role that is text": setting("person", "roles", ["teacher"]),
    "no roles": missing("person", "roles"),
    "active or not, nobody knows": missing("person", "active"),
    "a person that is nothing": fact("person", None),
    "a relationship that is nothing": fact("relationships", None),
    "a coach who is a list": fact("relationships", {"active": True, "coach": ["coach-1"]}),
    "a class without teachers": fact("classes", {"active": True, "class": "c", "students": 2}),
    "relationships that are text": group("relationships", "coach-1"),
}
