"""Drafts in memory keep what drafts promise."""

import pytest

from services.chassis.write.memory_drafts import MemoryDrafts
from tests.support.drafts_suite import DraftsSuite


@pytest.fixture
def drafts() -> MemoryDrafts:
    return MemoryDrafts()


class TestDrafts(DraftsSuite):
    pass
