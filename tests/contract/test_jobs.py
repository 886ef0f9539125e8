"""Imports in memory keep what imports promise."""

import pytest

from services.roster.imports.memory_jobs import MemoryJobs
from tests.support.jobs_suite import JobsSuite


@pytest.fixture
def jobs() -> MemoryJobs:
    return MemoryJobs()


class TestJobs(JobsSuite):
    pass
