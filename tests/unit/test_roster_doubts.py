"""What a wrong row may have said, as far as it could be read."""

from __future__ import annotations

import pytest

from services.roster.imports import doubts as module
from services.roster.imports import roster_file
from services.roster.imports.doubts import Doubts, Stranger
from services.roster.imports.roster_file import Nouns
from services.roster.org.domain import Org

CLASSES, PEOPLE = {"c1", "c2"}, {"t1", "t2"}
ALL = {("c1", "t1"), ("c1", "t2"), ("c2", "t1"), ("c2", "t2")}


def in_doubt(told: Doubts, *, forced: bool = False) -> set[tuple[str, str]]:
    told.settle(CLASSES, PEOPLE, forced=forced)
    return {each for each in ALL if told.about(*each)}


@pytest.mark.parametrize(
    ("told", "may_be", "forced"),
    [
        (("c1", "t1"), {("c1", "t1")}, {("c1", "t1")}),
        (("c1", None), {("c1", "t1"), ("c1", "t2")}, {("c1", "t1"), ("c1", "t2")}),
        ((None, "t1"), {("c1", "t1"), ("c2", "t1")}, set()),
        ((None, None), ALL, set()),
        ((Stranger("c9"), "t1"), {("c1", "t1"), ("c2", "t1")}, set()),
        (("c1", Stranger("t9")), {("c1", "t1"), ("c1", "t2")}, set()),
        ((Stranger("c9"), Stranger("t9")), ALL, set()),
        # of an id that only the store knows, the row is plain
        ((Stranger("c2"), "t1"), {("c2", "t1")}, {("c2", "t1")}),
        (("c1", Stranger("t2")), {("c1", "t2")}, {("c1", "t2")}),
        # of one that only the file knows, too
        (("new", "t1"), set(), set()),
    ],
)
def test_what_a_row_did_not_tell_may_be_anything(
    told: tuple[str | Stranger | None, ...],
    may_be: set[tuple[str, str]],
    forced: set[tuple[str, str]],
) -> None:
    for force, expected in ((False, may_be), (True, forced)):
        doubts = Doubts()
        doubts.add(*told)
        assert in_doubt(doubts, forced=force) == expected


def test_without_a_wrong_row_nothing_is_in_doubt() -> None:
    assert in_doubt(Doubts()) == set()


def test_beyond_a_number_everything_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    doubts = Doubts()
    for each in ("x", "y"):
        doubts.add("c1", each)
    assert in_doubt(doubts) == set()
    doubts.add("c1", "z")
    assert in_doubt(doubts) == ALL
    assert in_doubt(doubts, forced=True) == set()


def test_a_row_without_an_id_may_be_of_any_record(monkeypatch: pytest.MonkeyPatch) -> None:
    nouns: Nouns[Org] = Nouns()
    nouns.spoil(["o1"])
    assert (nouns.named("o1"), nouns.named("o2"), nouns.unread) == (True, False, False)
    nouns.spoil([])
    assert nouns.unread
    nouns = Nouns()
    monkeypatch.setattr(roster_file, "MOST_SPOILED", 0)
    nouns.spoil(["o1"])
    nouns.spoil(["o2"])
    assert nouns.unread
