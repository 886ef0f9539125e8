"""A decision tree: steps with a guiding question each, whose answers lead on to a goal.

A published one never changes, so that a walk keeps its meaning: a better one is another, that
follows it. It is checked when it is published; a draft may be unfinished.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.goals.tree.outline import TreeOutline, TreeState
from services.goals.tree.steps import TreeStep, check_steps


class TreeEvent(enum.StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    PUBLISHED = "published"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class TreeSummary(TreeOutline):
    """What a list shows of a tree."""


@dataclass(kw_only=True)
class Tree(TreeOutline):
    steps: tuple[TreeStep, ...] = ()

    def drafted(self) -> Tree:
        """With its first event."""
        self.record(TreeEvent.DRAFTED)
        return self

    def edit(
        self, title: str, about: str, steps: Sequence[TreeStep], by: str, in_charge: bool = False
    ) -> None:
        """All of it, in place of what a draft says; the same again changes nothing."""
        self.check_draft(by, in_charge)
        said = (title, about, tuple(steps))
        if said == (self.title, self.about, self.steps):
            return
        self.title, self.about, self.steps = said
        self.record(TreeEvent.EDITED)

    def publish(self, by: str, at: datetime, in_charge: bool = False) -> None:
        """Let it be walked. Raises INVALID as `check_steps`."""
        self.check_draft(by, in_charge)
        check_steps(self.steps)
        self.state, self.published_at = TreeState.PUBLISHED, at
        self.record(TreeEvent.PUBLISHED)

    def retire(self, by: str, at: datetime, in_charge: bool = False) -> None:
        """Let nobody begin to walk it any more; who is on the way goes on."""
        self.check_retire(by, in_charge)
        self.state, self.closed_at = TreeState.RETIRED, at
        self.record(TreeEvent.RETIRED)

    def withdraw(self, by: str, at: datetime, in_charge: bool = False) -> None:
        """Take back a draft."""
        self.check_draft(by, in_charge)
        self.state, self.closed_at = TreeState.WITHDRAWN, at
        self.record(TreeEvent.WITHDRAWN)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        self.transferred_from, self.drafted_by = self.drafted_by, to
        self.record(TreeEvent.TRANSFERRED)

    def step(self, id: str) -> TreeStep | None:
        return next((each for each in self.steps if each.id == id), None)
