"""What a list shows of a decision tree, and its rules."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict

MOST_TREES = 500  # of a district, without those that were withdrawn
MOST_OWN_TREES = 100  # drafted by one person, likewise
MOST_TREE_DRAFTS = 500  # by one person, with them


class TreeState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # not for new walks
    WITHDRAWN = "withdrawn"  # a draft that should not have been


@dataclass(kw_only=True)
class TreeOutline(Aggregate):
    """A tree without its steps. `number`: 1, and 1 more of one that `follows` another, by the id
    of that. `transferred_from`: who had drafted it before two records of its author became one, or
    were parted again."""

    title: str
    about: str
    drafted_by: str
    drafted_at: datetime
    number: int = 1
    follows: str = ""
    state: TreeState = TreeState.DRAFT
    published_at: datetime | None = None
    closed_at: datetime | None = None
    transferred_from: str = ""

    def check_draft(self, by: str, in_charge: bool) -> None:
        """Whether it may be edited, published or withdrawn: by its author, and by whoever is
        `in_charge` of it, which the caller makes sure of. Raises what the refusal is."""
        self._author_only(by, in_charge)
        if self.state is not TreeState.DRAFT:
            raise conflict("not_draft", "The tree is no draft any more and does not change.")

    def check_retire(self, by: str, in_charge: bool) -> None:
        self._author_only(by, in_charge)
        if self.state is not TreeState.PUBLISHED:
            raise conflict("tree_not_published", "Only a published tree is retired.")

    @property
    def walkable(self) -> bool:
        return self.state is TreeState.PUBLISHED

    def _author_only(self, by: str, in_charge: bool) -> None:
        if by != self.drafted_by and not in_charge:
            raise Fault(Kind.FORBIDDEN, "author_only", "Only its author changes a tree.")
