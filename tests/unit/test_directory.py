"""The directory reads a profile once, and again when its row changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.access.directory import CachedDirectory
from services.access.profile import Tie
from services.chassis.views.projection import Row


class Rows:
    def __init__(self) -> None:
        self.reads = 0
        self.asked: list[list[str]] = []
        self.coaches = {"r1": True}
        self.on_read: Callable[[], None] = lambda: None
        self.then: Callable[[], Awaitable[None]] | None = None  # before what is read is there

    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        self.reads += 1
        self.asked.append(list(ids))
        self.on_read()
        if self.then is not None:
            await self.then()
        return {row_id: self._row(row_id) for row_id in ids if row_id == "north:teacher-1"}

    def _row(self, row_id: str) -> Row:
        return {
            "_id": row_id,
            "facts": {
                "person": {"teacher-1": {"v": 1, "active": True, "roles": []}},
                "relationships": {
                    name: {
                        "v": 1,
                        "active": active,
                        "coach": f"coach-of-{name}",
                        "year": 2027,
                        "told": False,
                    }
                    for name, active in self.coaches.items()
                },
            },
        }


async def test_a_profile_that_is_read_again_as_it_was_is_the_one_that_others_hold() -> None:
    now = 0.0
    directory = CachedDirectory(Rows(), seconds=30, monotonic=lambda: now)
    first = await directory.profiles("north", ["teacher-1"])
    now = 31.0
    again = await directory.profiles("north", ["teacher-1"])
    assert again["teacher-1"] is first["teacher-1"] is not None


async def test_a_warm_profile_costs_no_read_until_it_is_forgotten() -> None:
    rows = Rows()
    directory = CachedDirectory(rows, seconds=30)
    for _ in range(3):
        profile = await directory.profile("north", "teacher-1")
        assert profile is not None
        assert profile.ties == (Tie("coach-of-r1", 2027),)
    assert rows.reads == 1
    rows.coaches["r1"] = False
    directory.forget("north:teacher-1")
    profile = await directory.profile("north", "teacher-1")
    assert profile is not None
    assert profile.ties == ()


async def test_a_change_that_overtakes_a_read_is_not_hidden_by_it() -> None:
    rows = Rows()
    directory = CachedDirectory(rows, seconds=30)
    rows.on_read = lambda: directory.forget("north:teacher-1")
    await directory.profile("north", "teacher-1")
    await directory.profile("north", "teacher-1")
    assert rows.reads == 2


async def test_only_a_change_of_the_same_person_or_of_anybody_overtakes_a_read() -> None:
    rows = Rows()
    directory = CachedDirectory(rows, seconds=30)
    rows.on_read = lambda: directory.forget("north:teacher-2")
    for _ in range(2):
        await directory.profile("north", "teacher-1")
    assert rows.reads == 1
    directory.forget_all()
    rows.on_read = directory.forget_all
    for _ in range(2):
        await directory.profile("north", "teacher-1")
    assert rows.reads == 3


async def test_who_knows_a_version_is_told_nothing_older_by_a_read_that_began_before() -> None:
    """Another request reads her while the question is under way, just before the newer version
    is there."""
    rows = Rows()
    directory = CachedDirectory(rows, seconds=30)

    async def newer_meanwhile() -> None:
        rows.then = None
        await directory.profile("north", "teacher-1")
        rows.coaches["r1"] = False

    rows.then = newer_meanwhile
    assert await directory.knows("north:teacher-1", "r1", 1)
    profile = await directory.profile("north", "teacher-1")
    assert profile is not None
    assert profile.ties == ()


async def test_nothing_is_believed_for_more_than_ten_minutes() -> None:
    """Just after a failover a read may be older than what has been told already."""
    rows, now = Rows(), [0.0]
    directory = CachedDirectory(rows, seconds=10, monotonic=lambda: now[0])
    await directory.profile("north", "teacher-1")
    for now[0] in (599, 601):
        directory.told_until(now[0])
        await directory.profile("north", "teacher-1")
    assert rows.reads == 2


async def test_the_directory_is_bounded_and_profiles_expire() -> None:
    rows, now = Rows(), [0.0]
    directory = CachedDirectory(rows, size=2, seconds=30, monotonic=lambda: now[0])
    for name in ("a", "b", "teacher-1"):
        await directory.profile("north", name)
    assert len(directory._known) == 2
    reads = rows.reads
    now[0] = 29
    await directory.profile("north", "teacher-1")
    assert rows.reads == reads
    now[0] = 31
    await directory.profile("north", "teacher-1")
    assert rows.reads == reads + 1


async def test_a_profile_is_believed_as_long_as_all_changes_have_been_told() -> None:
    rows, now = Rows(), [0.0]
    directory = CachedDirectory(rows, seconds=10, monotonic=lambda: now[0])
    for now[0] in (0, 9, 18, 27):
        await directory.profile("north", "teacher-1")
        assert directory.known("north", "teacher-1") is not None
        directory.told_until(now[0])
    assert rows.reads == 1
    now[0] = 37  # for ten seconds nothing has been heard of who tells
    assert directory.known("north", "teacher-1") is None
    await directory.profile("north", "teacher-1")
    assert rows.reads == 2
    directory.told_until(40)
    directory.forget("north:teacher-1")
    await directory.profile("north", "teacher-1")
    assert rows.reads == 3


async def test_an_absence_is_asked_for_again_after_a_second_whatever_has_been_told() -> None:
    rows, now = Rows(), [0.0]
    directory = CachedDirectory(rows, seconds=10, monotonic=lambda: now[0])
    await directory.profile("north", "teacher-2")
    directory.told_until(1.0)
    now[0] = 1.0
    await directory.profile("north", "teacher-2")
    assert rows.reads == 2


async def test_many_profiles_are_one_read_of_those_that_are_not_known() -> None:
    rows = Rows()
    directory = CachedDirectory(rows, seconds=30)
    await directory.profile("north", "teacher-1")
    found = await directory.profiles("north", ["teacher-1", "teacher-2", "teacher-3"])
    assert [name for name, profile in found.items() if profile] == ["teacher-1"]
    assert found.keys() == {"teacher-1", "teacher-2", "teacher-3"}
    assert rows.asked == [["north:teacher-1"], ["north:teacher-2", "north:teacher-3"]]
    assert await directory.profiles("north", ["teacher-1", "teacher-2"]) == {
        "teacher-1": found["teacher-1"],
        "teacher-2": None,
    }
    assert rows.reads == 2


async def test_who_listens_hears_of_a_change_when_the_old_profile_is_forgotten() -> None:
    rows, heard = Rows(), list[str]()
    directory = CachedDirectory(rows, seconds=30)
    directory.listen(heard.append)
    directory.forget("north:teacher-1")
    assert heard == ["north:teacher-1"]
