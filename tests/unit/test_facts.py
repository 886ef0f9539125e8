"""Facts are declared once: what is written is read again, and what is not so is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest

from services.chassis.views.facts import FactOf, listed, named, text


class State(StrEnum):
    BEGUN = "begun"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Thing:
    id: str
    state: State
    name: str
    size: float | None = None
    count: int = 0
    wanted: bool = False
    due: date | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    class_: str
    names: tuple[str, ...]


AT = datetime(2026, 10, 5, 15, tzinfo=UTC)
THINGS = FactOf(Thing, state=named(State, {1: "begun", 2: "done"}, State.UNKNOWN))
GROUPS = FactOf(Group, names=listed(text))
WHOLE: dict[str, Any] = {
    "state": "done",
    "name": "a name",
    "size": 1.5,
    "count": 3,
    "wanted": True,
    "due": "2026-11-01",
    "seen_at": AT,
}


def test_what_is_written_is_read_again() -> None:
    stored = {"v": 1, "at": AT, **THINGS.write(**WHOLE)}
    due = date(2026, 11, 1)
    assert THINGS.read("t1", stored) == Thing("t1", State.DONE, "a name", 1.5, 3, True, due, AT)


def test_a_state_that_is_published_and_a_view_does_not_know_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"^State in tests/unit/test_facts\.py lacks paused$"):
        named(State, {1: "begun", 2: "done", 3: "paused"}, State.UNKNOWN)


def test_what_an_older_build_did_not_write_has_its_default() -> None:
    assert THINGS.read("t1", {"state": "begun", "name": ""}) == Thing("t1", State.BEGUN, "")
    with pytest.raises(KeyError):
        THINGS.read("t1", {"state": "begun"})


@pytest.mark.parametrize(
    ("stored", "read"),
    [("#2", State.DONE), ("#7", State.UNKNOWN), ("paused", State.UNKNOWN), ("done", State.DONE)],
)
def test_a_state_is_read_by_its_name_or_by_its_number(stored: str, read: State) -> None:
    assert THINGS.read("t1", {**WHOLE, "state": stored}).state is read


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("broken", [[], {}, object(), b"bytes"])
def test_what_is_not_as_it_is_declared_is_refused(name: str, broken: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        THINGS.read("t1", {**WHOLE, name: broken})


def test_the_facts_of_a_row_are_read_by_id_and_what_is_broken_is_told() -> None:
    good = {"class": "k", "names": []}
    things = {"b": good, "a%252": good, "c": {**good, "names": [1]}}
    told: list[Exception] = []

    def ids(row: dict[str, Any]) -> list[str]:
        return [each.id for each in GROUPS.all_in(row, "groups", told.append)]

    assert ids({"_id": "d:t", "facts": {"groups": things}}) == ["a%2", "b"]
    assert [type(each) for each in told] == [TypeError]
    assert ids({"facts": {"others": things}}) == []
    without: list[dict[str, Any]] = [{}, {"facts": None}, {"facts": {"groups": []}}]
    for lost in without:
        assert ids(lost) == []
    assert len(told) == 4


def test_a_field_may_be_named_by_a_word_of_the_language_and_a_list_is_read_one_by_one() -> None:
    stored = GROUPS.write(class_="k", names=["n", "m"])
    assert stored == {"class": "k", "names": ["n", "m"]}
    assert GROUPS.read("g", stored) == Group("g", "k", ("n", "m"))
    for wrong in ("n", ["n", 1], None):
        with pytest.raises(TypeError):
            GROUPS.read("g", {**stored, "names": wrong})


def test_a_writer_names_every_field_and_no_other() -> None:
    with pytest.raises(TypeError, match="wanted"):
        THINGS.write(**{name: value for name, value in WHOLE.items() if name != "wanted"})
    with pytest.raises(TypeError, match="more"):
        THINGS.write(**WHOLE, more=1)


def test_a_field_of_no_known_type_is_refused_when_it_is_declared() -> None:
    @dataclass
    class Odd:
        id: str
        things: list[str]

    with pytest.raises(TypeError):
        FactOf(Odd)


@dataclass(frozen=True)
class Taking:
    id: str
    at: datetime


def test_no_field_takes_the_place_of_what_a_row_keeps_of_the_event() -> None:
    """Its version, and when it happened."""
    with pytest.raises(TypeError, match="at is said of its event"):
        FactOf(Taking)
