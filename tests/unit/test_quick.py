"""`make quick` runs what is about a room, its component tests among it."""

from __future__ import annotations

from tests.quick import ROOT, files_about


def test_a_room_has_the_component_tests_of_its_service_that_import_it() -> None:
    found = files_about("insights/caseload")
    assert "tests/unit/insights/test_caseload_entry.py" in found
    assert "tests/component/insights/test_caseload_api.py" in found
    assert "tests/component/insights/test_timeline.py" not in found


def test_a_service_has_all_of_its_folders() -> None:
    found = set(files_about("insights"))
    for folder in ("unit", "component"):
        own = (ROOT / "tests" / folder / "insights").glob("test_*.py")
        assert found >= {each.relative_to(ROOT).as_posix() for each in own}


def test_every_room_has_some() -> None:
    rooms = sorted((ROOT / "services").glob("*/*/operations.py"))
    assert rooms
    for each in rooms:
        room = each.parent.relative_to(ROOT / "services").as_posix()
        assert files_about(room), room
