"""To-dos in memory keep what to-dos promise."""

import pytest

from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.views.memory_views import MemoryViews
from tests.support.todos_suite import VIEW, TodosSuite


class TestTodos(TodosSuite):
    @pytest.fixture
    def views(self) -> MemoryViews:
        return MemoryViews()

    @pytest.fixture
    def todos(self, views: MemoryViews) -> MemoryTodos:
        return MemoryTodos(views, VIEW)
