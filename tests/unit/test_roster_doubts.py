"""What a wrong row may have said, as far as it could be read."""

from __future__ import annotations

import pytest

from services.roster.imports import doubts as module
from services.roster.imports import roster_file
from services.roster.imports.doubts import Doubts, Stranger
from services.roster.imports.oneroster import classes
from services.roster.imports.roster_file import Nouns
from services.roster.org.domain import Org
from tests.support.roster_files import edited, good_files, parsed, problems_of

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


def test_a_row_without_cells_that_names_many_may_be_anything() -> None:
    """Each pair was asked for, 10,000 a row: a file of 4 kB took seconds."""
    files = good_files()
    for number in range(3, 12):
        files["classes.csv"] += f"class-{number},Math,,,math,scheduled,school-1,term-1\n"
    named = ",".join([f"class-{number}" for number in range(1, 12)])
    teachers = "teacher-1,teacher-2"
    few = parsed({**files, "enrollments.csv": files["enrollments.csv"] + f"class-1,{teachers}\n"})
    assert (few.enrolled["class-1"].doubtful, few.strays) == (2, {})
    many = parsed({**files, "enrollments.csv": files["enrollments.csv"] + f"{named},{teachers}\n"})
    assert ("class-1" in many.enrolled, many.strays) == (False, {"": 1})
    for roster, teacher in ((few, "teacher-2"), (many, "anybody")):
        roster.teacher_doubts.settle({"class-1"}, {"teacher-1", "teacher-2"}, forced=False)
        assert roster.teacher_doubts.about("class-1", teacher)


def test_of_rows_without_cells_not_everything_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file of 64 MB has more of it than memory."""
    monkeypatch.setattr(classes, "MOST_PIECES", 3)
    files = edited("classes.csv", "math,homeroom", "art,homeroom")
    for number, rows in enumerate(("art\n", "a,b\nart\n")):
        roster = parsed({**files, "courses.csv": files["courses.csv"] + rows})
        codes = [code for name, *_, code in problems_of(roster) if name == "classes.csv"]
        assert codes == ["unknown_course"] * number
