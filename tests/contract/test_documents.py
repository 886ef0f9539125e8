"""The in-memory store keeps the promises of the write side's store."""

import pytest

from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from tests.support.documents_suite import DocumentsSuite, JournalSuite, OutboxSuite
from tests.support.entries_suite import EntriesSuite
from tests.support.erasing_suite import ErasingSuite
from tests.support.keys_suite import KeysSuite
from tests.support.lists_suite import ListsSuite
from tests.support.states_suite import StatesSuite
from tests.support.turns_suite import TurnsSuite


@pytest.fixture
def store() -> MemoryDocuments:
    return MemoryDocuments()


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


class TestDocuments(DocumentsSuite):
    pass


class TestKeys(KeysSuite):
    pass


class TestOutbox(OutboxSuite):
    pass


class TestTurns(TurnsSuite):
    pass


class TestStates(StatesSuite):
    pass


class TestLists(ListsSuite):
    pass


class TestEntries(EntriesSuite):
    pass


class TestJournal(JournalSuite):
    pass


class TestErasing(ErasingSuite):
    pass
