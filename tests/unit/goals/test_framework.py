"""What a framework of standards promises, and how its file is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.goals.framework import domain
from services.goals.framework.case_file import BadCase, read_case
from services.goals.framework.domain import (
    MOST_AT_ONCE,
    MOST_STANDARDS,
    Framework,
    FrameworkEvent,
    FrameworkState,
    Standard,
)
from services.goals.goal.domain import AlignedStandard, Goal
from tests.support.case_files import CASE, DOCUMENT, guid, package
from tests.support.clocks import START
from tests.unit.goals.test_goal import COACH, TEACHER, active, draft, fault

ADMIN = "admin-1"


def framework(*standards: Standard) -> Framework:
    new = Framework(
        id="framework-1",
        district="north",
        case_id=DOCUMENT,
        title="Mathematics",
        edition="2026",
        source="Own",
        begun_at=START,
    ).begun()
    assert new.take_event() is FrameworkEvent.BEGUN
    if standards:
        new.extend(standards, ADMIN, START)
        assert new.take_event() is FrameworkEvent.EXTENDED
    return new


def standard(number: int, parent: str = "", text: str = "Explain") -> Standard:
    return Standard(guid(number), f"M.{number}", text, parent)


def test_parts_add_up_in_their_order_and_the_same_again_is_no_event() -> None:
    new = framework(standard(1), standard(2))
    new.extend([standard(2), standard(3)], ADMIN, START)
    assert new.take_event() is FrameworkEvent.EXTENDED
    new.extend([standard(1), standard(3)], ADMIN, START)
    assert new.take_event() is None
    assert [each.code for each in new.standards] == ["M.1", "M.2", "M.3"]
    assert new.standard_count == 3


def test_an_id_stands_for_one_standard_within_a_part_and_between_two() -> None:
    for known, sent in (([], [standard(1), standard(1, text="Else")]), ([standard(1)], [])):
        new = framework(*known)
        sent = sent or [standard(1, text="Else")]
        with pytest.raises(Fault) as caught:
            new.extend(sent, ADMIN, START)
        index = len(sent) - 1
        assert (caught.value.code, caught.value.place) == (
            "standard_twice",
            f"/standards/{index}/standard_id",
        )


def test_a_framework_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "MOST_STANDARDS", 2)
    full = (Kind.LIMITED, "too_many_standards")
    new = framework(standard(1), standard(2))
    assert fault(lambda: new.extend([standard(3)], ADMIN, START)) == full
    monkeypatch.setattr(domain, "MOST_BYTES", 8)
    small = framework(standard(1, text="12345"))
    assert fault(lambda: small.extend([standard(2, text="äö")], ADMIN, START)) == full


def test_it_is_published_whole_and_then_does_not_change() -> None:
    assert fault(lambda: framework().publish(ADMIN, START)) == (Kind.CONFLICT, "no_standards")
    orphan = framework(standard(1, parent=guid(9)))
    assert fault(lambda: orphan.publish(ADMIN, START)) == (Kind.CONFLICT, "unknown_parent")
    new = framework(standard(1), standard(2, parent=guid(1)))
    assert fault(lambda: new.retire(ADMIN, START)) == (Kind.CONFLICT, "not_published")
    new.publish(ADMIN, START)
    assert new.take_event() is FrameworkEvent.PUBLISHED
    for act in (
        lambda: new.extend([standard(3)], ADMIN, START),
        lambda: new.withdraw(ADMIN, START),
    ):
        assert fault(act) == (Kind.CONFLICT, "not_importing")
    new.retire(ADMIN, START)
    assert new.state is FrameworkState.RETIRED


def test_what_is_withdrawn_keeps_no_standard() -> None:
    new = framework(standard(1))
    new.withdraw(ADMIN, START)
    assert (new.standards, new.standard_count) == ((), 0)


def aligned(*numbers: int) -> list[AlignedStandard]:
    return [AlignedStandard("framework-1", guid(each), "M", "Explain") for each in numbers]


def test_a_draft_is_aligned_by_its_author_too_and_an_active_goal_by_its_owner() -> None:
    goal = draft()
    goal.drafted_by = COACH
    goal.align(COACH, START, aligned(1))
    goal.take_event()
    goal.align(TEACHER, START, aligned(1))
    assert goal.take_event() is None
    goal = active()
    assert fault(lambda: goal.align(COACH, START, aligned(1))) == (Kind.FORBIDDEN, "author_only")
    goal.align(TEACHER, START, aligned(1, 2))
    goal.take_event()
    goal.align(TEACHER, START, [])
    assert goal.standards == ()
    assert fault(lambda: _again(goal)) == (Kind.INVALID, "standard_twice")
    goal.take_event()
    goal.achieve(TEACHER, START)
    assert fault(lambda: goal.align(TEACHER, START, [])) == (Kind.CONFLICT, "goal_closed")


def _again(goal: Goal) -> None:
    goal.align(TEACHER, START, aligned(1, 1))


def written(place: Path, found: Any) -> Path:
    place.write_text(found if isinstance(found, str) else json.dumps(found))
    return place


def test_a_file_is_read_as_case_says_with_its_parents_and_in_parts(tmp_path: Path) -> None:
    found = read_case(written(tmp_path / "case.json", package(MOST_AT_ONCE + 5)))
    assert (found.says.title, found.says.case_id) == ("Mathematics, grade 7", DOCUMENT)
    first, second = found.standards[:2]
    assert (first.parent_id, second.parent_id) == (None, guid(1))
    assert (second.code, second.text) == ("M.7.2", "Explain why 2.")
    assert [len(each) for each in found.parts] == [MOST_AT_ONCE, 5]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda each: each.pop("CFDocument"), "CFDocument: it is missing"),
        (lambda each: each["CFDocument"].update(title=""), "CFDocument.title: "),
        (lambda each: each["CFDocument"].update(identifier="7"), "CFDocument.identifier: "),
        (lambda each: each.update(CFItems=[]), "CFItems: there are 0"),
        (lambda each: each.update(CFItems={}), "CFItems: it is missing, or no list"),
        (lambda each: each["CFItems"].insert(1, 7), r"CFItems\[1\]: it is no object"),
        (lambda each: each["CFItems"][1].update(fullStatement="x" * 2_001), r"CFItems\[1\].fullS"),
        (lambda each: each["CFItems"][1].update(fullStatement=["x"]), r"CFItems\[1\].fullS"),
        (lambda each: each["CFItems"][1].update(identifier=guid(1)), r"CFItems\[1\].identifier: "),
        (lambda each: each["CFItems"].pop(0), "CFAssociations: the parent of"),
        (lambda each: each["CFAssociations"].append(None), r"CFAssociations\[\d\]: it is no"),
        (
            lambda each: each["CFAssociations"][0].pop("originNodeURI"),
            r"CFAssociations\[0\].originNodeURI: it is missing",
        ),
    ],
)
def test_the_first_mistake_is_told_with_its_place(tmp_path: Path, change: Any, told: str) -> None:
    found = package(3)
    change(found)
    with pytest.raises(BadCase, match=told):
        read_case(written(tmp_path / "case.json", found))


def test_what_is_no_json_or_too_large_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("{", "[" * 100_000, "[]", "null"):
        with pytest.raises(BadCase, match=r"case\.json: "):
            read_case(written(tmp_path / "case.json", text))
    with pytest.raises(BadCase, match="No such file"):
        read_case(tmp_path / "none.json")
    with pytest.raises(BadCase, match=f"1 to {MOST_STANDARDS} fit"):
        read_case(written(tmp_path / "case.json", package(MOST_STANDARDS + 1)))
    monkeypatch.setattr(CASE, "LARGEST", 10)
    with pytest.raises(BadCase, match="larger than 10 bytes"):
        read_case(written(tmp_path / "case.json", package(1)))
