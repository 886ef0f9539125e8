"""Imports on MongoDB keep what imports promise, and nothing of a file for ever."""

from datetime import timedelta

import pytest

from services.chassis.mongo import Database
from services.roster.imports.jobs import FILES_KEPT, KEPT, PIECE
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
