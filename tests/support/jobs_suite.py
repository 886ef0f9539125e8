"""What every `Jobs` keeps. A subclass has a fixture `jobs`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.roster.imports.jobs import BY_DATE, Job, Jobs, JobState, Phase

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)


def job(id: str, district: str = "north", **more: Any) -> Job:
    told = {"by": "partner:sis", "validate_only": False, "allow_removals": True}
    told |= {"sha256": "00", "size": 3, "made_at": NOW + timedelta(seconds=int(id))}
    return Job(id=id, district=district, **{**told, **more})


async def file_of(jobs: Jobs, id: str) -> bytes:
    return b"".join([piece async for piece in jobs.file(id)])


class JobsSuite:
    async def test_a_job_is_as_it_was_added_and_added_once(self, jobs: Jobs) -> None:
        made = job("1")
        assert await jobs.add(made) == made
        assert await jobs.add(job("1", size=7)) == made
        assert await jobs.get("north", "1") == made
        assert await jobs.get("south", "1") is None
        assert await jobs.get("north", "2") is None

    async def test_a_file_comes_in_its_order_and_goes_with_the_end(self, jobs: Jobs) -> None:
        for number, piece in ((1, b"b"), (0, b"a"), (2, b"c"), (1, b"b")):
            await jobs.keep("1", number, piece, NOW)
        await jobs.keep("12", 0, b"z", NOW)
        await jobs.add(job("1"))
        assert await file_of(jobs, "1") == b"abc"
        await jobs.take(NOW, LATER, "me")
        assert await jobs.settle("1", "me", JobState.DONE, LATER)
        assert await file_of(jobs, "1") == b""
        assert await file_of(jobs, "12") == b"z"

    async def test_one_of_a_district_runs_at_a_time_the_oldest_first(self, jobs: Jobs) -> None:
        for each in (job("2"), job("1"), job("3", "south"), job("4")):
            await jobs.add(each)
        taken = [await jobs.take(NOW, LATER, f"h{number}") for number in range(3)]
        assert [each.id if each else None for each in taken] == ["1", "3", None]
        first = taken[0]
        assert first is not None
        assert (first.state, first.tries, first.began_at) == (JobState.RUNNING, 1, NOW)
        await jobs.settle("1", "h0", JobState.FAILED, LATER, "bad_zip", "It is damaged.")
        following = await jobs.take(NOW, LATER, "h4")
        assert following is not None
        assert following.id == "2"
        ended = await jobs.get("north", "1")
        assert ended is not None
        assert (ended.state, ended.ended_at) == (JobState.FAILED, LATER)
        assert (ended.code, ended.detail) == ("bad_zip", "It is damaged.")

    async def test_the_last_good_import_is_the_last_that_wrote(self, jobs: Jobs) -> None:
        told: dict[str, Any] = {
            "1": {},
            "2": {"report": {"stopped": False}},
            "3": {"report": {"stopped": True}},
            "4": {"validate_only": True},
            "5": {},
            "6": {},
        }
        assert await jobs.last_good("north") is None
        for each, more in told.items():
            made = {name: value for name, value in more.items() if name != "report"}
            await jobs.add(job(each, **made))
            if each == "6":
                break  # it waits
            await jobs.take(NOW, LATER, "me")
            if "report" in more:
                await jobs.hold(each, "me", LATER, {"report": more["report"]})
            state = JobState.FAILED if each == "5" else JobState.DONE
            await jobs.settle(each, "me", state, NOW + timedelta(minutes=int(each)))
        assert await jobs.last_good("north") == NOW + timedelta(minutes=2)
        assert await jobs.last_good("south") is None

    async def test_of_many_at_once_one_takes_it(self, jobs: Jobs) -> None:
        for each in (job("1"), job("2")):
            await jobs.add(each)
        found = await asyncio.gather(*(jobs.take(NOW, LATER, f"h{n}") for n in range(8)))
        assert [each.id for each in found if each] == ["1"]

    async def test_what_is_not_held_on_is_somebody_elses(self, jobs: Jobs) -> None:
        await jobs.add(job("1"))
        await jobs.take(NOW, LATER, "one")
        told = {"phase": Phase.WRITING, "done": 3, "total": 9, "day": "2026-10-05"}
        assert await jobs.hold("1", "one", LATER, {**told, "report": {"counts": {"a": 1}}})
        assert await jobs.take(LATER - timedelta(seconds=1), LATER, "two") is None
        taken = await jobs.take(LATER, LATER + timedelta(seconds=30), "two")
        assert taken is not None
        assert (taken.tries, taken.began_at, taken.day) == (2, NOW, "2026-10-05")
        assert (taken.done, taken.total, taken.phase) == (3, 9, Phase.WRITING)
        assert taken.report == {"counts": {"a": 1}}
        assert not await jobs.hold("1", "one", LATER)
        assert not await jobs.settle("1", "one", JobState.DONE, LATER)
        assert await jobs.settle("1", "two", JobState.DONE, LATER)
        assert not await jobs.hold("1", "two", LATER)
        assert await jobs.take(LATER, LATER, "three") is None

    async def test_the_last_come_first_and_without_their_reports(self, jobs: Jobs) -> None:
        for each in (job("1"), job("3"), job("2"), job("4", "south")):
            await jobs.add(each)
        await jobs.take(NOW, LATER, "me")
        await jobs.hold("1", "me", LATER, {"report": {"counts": {}}})
        first = await jobs.page("north", BY_DATE, "", 2)
        assert [each.id for each in first.items] == ["3", "2"]
        second = await jobs.page("north", BY_DATE, first.after, 2)
        assert ([each.id for each in second.items], second.after) == (["1"], "")
        assert [each.id for each in await jobs.unfinished("north")] == ["1", "2", "3"]
        every = await jobs.page("north", BY_DATE, "", 9)
        assert [each.report for each in every.items] == [None] * 3
        await jobs.settle("1", "me", JobState.DONE, LATER)
        assert [each.id for each in await jobs.unfinished("north")] == ["2", "3"]

    async def test_of_one_instant_each_is_on_one_page_and_bounds_are_kept(self, jobs: Jobs) -> None:
        for each in ("1", "2", "3", "4", "5"):
            await jobs.add(job(each, made_at=NOW if each in "234" else LATER))
        by, after, found = BY_DATE.between(NOW, LATER), "", list[str]()
        for _ in range(3):
            page = await jobs.page("north", by, after, 1)
            found += [each.id for each in page.items]
            after = page.after
        assert (found, after) == (["4", "3", "2"], "")
        since = await jobs.page("north", BY_DATE.between(LATER, None), "", 9)
        assert [each.id for each in since.items] == ["5", "1"]
        with pytest.raises(Fault):
            await jobs.page("north", BY_DATE, "elsewhere", 9)
