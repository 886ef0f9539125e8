"""Imports on MongoDB keep what imports promise, and nothing of a file for ever."""

from datetime import timedelta

import pytest

from services.chassis.crash_points import Crashed
from services.chassis.mongo import Database
from services.roster.imports.jobs import FILES_KEPT, KEPT, LEFT, PIECE, JobState
from services.roster.imports.mongo_jobs import MongoJobs
from tests.support.jobs_suite import NOW, JobsSuite, file_of, job


@pytest.fixture
async def jobs(db: Database) -> MongoJobs:
    jobs = MongoJobs(db)
    await jobs.ensure_indexes()
    await jobs.ensure_indexes()
    return jobs


class TestJobs(JobsSuite):
    pass


async def test_a_kill_at_the_end_leaves_nothing_of_a_file_for_long(
    db: Database, jobs: MongoJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await jobs.keep("1", 0, b"a", NOW)
    await jobs.add(job("1"))
    assert await jobs.take(NOW, NOW + timedelta(minutes=1), "me") is not None

    async def killed(*_: object) -> None:
        raise Crashed

    monkeypatch.setattr(jobs._files, "delete_many", killed)
    with pytest.raises(Crashed):
        await jobs.settle("1", "me", JobState.DONE, NOW)
    piece = await db["import_files"].find_one({})
    assert piece is not None
    assert piece["forget_at"] == NOW + LEFT


async def test_what_nobody_runs_is_forgotten_in_time(db: Database, jobs: MongoJobs) -> None:
    await jobs.keep("1", 0, b"a" * PIECE, NOW)
    await jobs.add(job("1"))
    piece = await db["import_files"].find_one({})
    kept = await db["imports"].find_one({})
    assert piece is not None
    assert kept is not None
    assert (piece["forget_at"], kept["forget_at"]) == (
        NOW + FILES_KEPT,
        NOW + timedelta(seconds=1) + KEPT,
    )
    assert await file_of(jobs, "1") == b"a" * PIECE
    for name in ("imports", "import_files"):
        indexes = await db[name].index_information()
        assert indexes["forget_at"]["expireAfterSeconds"] == 0
